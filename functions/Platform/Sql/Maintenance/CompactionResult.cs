namespace DataPlatform.Sql.Maintenance;

/// <summary>What a compaction did, or would do.</summary>
/// <param name="Commits">How many commits it made; in a dry run, would make.</param>
/// <param name="Version">The last table version that it made; null when there was nothing to do, and in a dry run.</param>
/// <param name="FilesAdded">Null in a dry run: about one a commit.</param>
/// <param name="More">Whether files are left for another run.</param>
public sealed record CompactionResult(
    int Commits, long? Version, int FilesRemoved, long BytesRemoved, int? FilesAdded, long? BytesAdded, bool More);
