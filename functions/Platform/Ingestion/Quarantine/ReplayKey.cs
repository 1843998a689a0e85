namespace DataPlatform.Ingestion.Quarantine;

/// <summary>What an idempotency key stands for.</summary>
/// <param name="Id">Of the replay or dismissal.</param>
/// <param name="Request">Hash of its document.</param>
internal sealed record ReplayKey(string Id, string Request);
