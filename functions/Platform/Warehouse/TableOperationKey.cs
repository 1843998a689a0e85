namespace DataPlatform.Warehouse;

/// <summary>What an idempotency key stands for.</summary>
/// <param name="Id">Of the operation.</param>
/// <param name="Request">Hash of its document.</param>
internal sealed record TableOperationKey(string Id, string Request);
