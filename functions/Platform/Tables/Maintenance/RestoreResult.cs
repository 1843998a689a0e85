namespace DataPlatform.Tables.Maintenance;

/// <summary>What a restore did, or would do.</summary>
/// <param name="Version">The table version that it made; null in a dry run, and when there was nothing to do.</param>
/// <param name="RestoredVersion">The table version whose rows, columns and positions the table has again.</param>
/// <param name="SchemaChanged">Whether columns or properties of the table were put back.</param>
/// <param name="Positions">The transactions that were put back: application id to version, -1 where there was none.</param>
public sealed record RestoreResult(
    long? Version,
    long RestoredVersion,
    int FilesAdded,
    long BytesAdded,
    int FilesRemoved,
    long BytesRemoved,
    bool SchemaChanged,
    IReadOnlyDictionary<string, long> Positions);
