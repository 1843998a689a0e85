using DataPlatform.Tables.Protocol;

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
    private readonly string? _statisticsText;
    private FileStatistics? _statistics = Statistics;

    public FileStatistics? Statistics
    {
        get => _statistics ??= _statisticsText is null ? null : StatisticsDocument.TryParse(_statisticsText);
        init => (_statistics, _statisticsText) = (value, null);
    }

    /// <summary>For most of our tables, which have no partition folders.</summary>
    public static readonly IReadOnlyDictionary<string, string?> NoPartition = new Dictionary<string, string?>();

    /// <summary>What the file's writer noted of it beyond Delta's words; null when nothing.</summary>
    public IReadOnlyDictionary<string, string?>? Tags { get; init; }

    /// <summary>The statistics as the log has them: given so, they are only parsed when somebody asks, since most files of a large table are never
    /// looked at. Text that is none counts as no statistics.</summary>
    internal string? StatisticsText
    {
        get => _statisticsText ?? (_statistics is null ? null : StatisticsDocument.Write(_statistics));
        init => (_statistics, _statisticsText) = (null, value);
    }

    public bool Equals(DataFile? other) =>
        other is not null
        && Path == other.Path
        && Size == other.Size
        && ModificationTime == other.ModificationTime
        && Equals(PartitionValues, other.PartitionValues)
        && Equals(Tags, other.Tags)
        && (_statisticsText is not null && _statisticsText == other._statisticsText || Equals(Statistics, other.Statistics));

    public override int GetHashCode() => HashCode.Combine(Path, Size, ModificationTime);
}
