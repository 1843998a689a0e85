namespace DataPlatform.Operations;

/// <summary>Which backfill an idempotency key stands for.</summary>
/// <param name="Request">Fingerprint of its document.</param>
internal sealed record BackfillKey(string Id, string Request);
