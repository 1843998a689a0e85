namespace DataPlatform.Files;

/// <summary>What an idempotency key stands for.</summary>
/// <param name="Id">Of the operation.</param>
/// <param name="Request">What was asked for.</param>
internal sealed record LakeOperationKey(string Id, string Request);
