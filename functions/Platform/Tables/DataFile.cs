namespace DataPlatform.Tables;

/// <summary>A Parquet file of a table: Delta's <c>add</c> action.</summary>
/// <param name="Path">Relative to the table's root, as the log has it (URL-encoded).</param>
/// <param name="Size">Bytes.</param>
/// <param name="PartitionValues">Partition column to value; a null value stands for NULL.</param>
/// <param name="ModificationTime">Milliseconds since 1970, UTC.</param>
/// <param name="Statistics">Null when the writer gave none.</param>
public sealed record DataFile(
    string Path,
    long Size,
    IReadOnlyDictionary<string, string?> PartitionValues,
    long ModificationTime,
    FileStatistics? Statistics)
{
    /// <summary>For most of our tables, which have no partition folders.</summary>
    public static readonly IReadOnlyDictionary<string, string?> NoPartition = new Dictionary<string, string?>();

    /// <summary>What the file's writer noted of it beyond Delta's words; null when nothing.</summary>
    public IReadOnlyDictionary<string, string?>? Tags { get; init; }
}
