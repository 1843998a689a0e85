namespace DataPlatform.Gateway;

/// <summary>The body of 202: something that goes on.</summary>
/// <param name="Status"><c>NotStarted Running Succeeded Failed Canceled</c>.</param>
public sealed record OperationStatus(string Id, string Status);
