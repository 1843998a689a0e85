using DataPlatform.Tables;

namespace DataPlatform.Sql;

/// <summary>A Parquet file on local disk, not part of any table yet.</summary>
public sealed record StagedFile(string LocalPath, long Size, FileStatistics Statistics)
{
    /// <summary>The columns its rows were divided by, which it does not hold, and their values.</summary>
    public IReadOnlyDictionary<string, string?> PartitionValues { get; init; } = DataFile.NoPartition;
}
