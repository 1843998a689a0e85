namespace DataPlatform.Ingestion.Quarantine;

/// <summary>A replay whose orchestration may not have been scheduled.</summary>
public sealed record PendingReplay(string Id, string Dataset, DateTimeOffset Created);
