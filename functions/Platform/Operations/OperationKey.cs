namespace DataPlatform.Operations;

/// <summary>What an idempotency key stands for.</summary>
/// <param name="Id">Of the operation.</param>
/// <param name="Request">Tells the request from others.</param>
internal sealed record OperationKey(string Id, string Request);
