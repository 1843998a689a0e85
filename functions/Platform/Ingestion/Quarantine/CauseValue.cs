namespace DataPlatform.Ingestion.Quarantine;

/// <summary>A value that breaks a rule, and how many open rows have it.</summary>
public sealed record CauseValue(string Value, long Rows);
