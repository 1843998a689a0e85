namespace DataPlatform.Gateway;

/// <summary>What helps to find an error again.</summary>
/// <param name="RequestId">To be told to the operator, whose log has it too.</param>
/// <param name="Receipt">Address of the receipt of a rejected batch.</param>
public sealed record InnerError(string RequestId, string? Receipt = null);
