namespace DataPlatform.Ingestion.Quarantine;

/// <summary>Rows that no replay can load.</summary>
public sealed record NotReplayable(string Reason, long Rows);
