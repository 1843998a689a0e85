namespace DataPlatform.Sql.Maintenance;

/// <summary>What a change of rows did, or would do.</summary>
/// <param name="Version">The table version that it made; null in a dry run, and when no row met the condition.</param>
/// <param name="Rows">Rows that met the condition.</param>
/// <param name="FilesRead">Files that could hold such rows by their partition and statistics; no other was opened.</param>
/// <param name="FilesAdded">Null in a dry run.</param>
public sealed record RowChangeResult(
    long? Version, long Rows, int FilesRead, int FilesRemoved, long BytesRemoved, int? FilesAdded, long? BytesAdded);
