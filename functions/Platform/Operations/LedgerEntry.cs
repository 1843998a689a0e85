namespace DataPlatform.Operations;

/// <summary>The counts of one committed batch.</summary>
public sealed record LedgerEntry(
    long TableVersion, long Received, long Loaded, long Quarantined, long Duplicate, long Discarded, long Bytes, DateTimeOffset Committed);
