namespace DataPlatform.Sql.Maintenance;

/// <summary>What a widening did, or would do.</summary>
/// <param name="Version">The table version that it made; null in a dry run, and when the columns have the types already.</param>
/// <param name="Columns">Those that get another type: what it is, in Delta's words.</param>
/// <param name="FilesAdded">Null in a dry run.</param>
public sealed record WideningResult(
    long? Version, IReadOnlyDictionary<string, string> Columns, int FilesRemoved, long BytesRemoved, int? FilesAdded, long? BytesAdded);
