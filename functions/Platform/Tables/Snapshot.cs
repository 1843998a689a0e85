namespace DataPlatform.Tables;

/// <summary>A table as it is at one version. Immutable.</summary>
/// <param name="TableId">Delta's <c>metaData.id</c>: another id means another table behind the name.</param>
/// <param name="Version">Delta's version of the table.</param>
/// <param name="Timestamp">Of the commit, UTC.</param>
/// <param name="Files">The files that make up the table.</param>
/// <param name="Transactions">Application id to its newest <c>txn</c> version.</param>
public sealed record Snapshot(
    TableName Table,
    string TableId,
    long Version,
    DateTimeOffset Timestamp,
    IReadOnlyList<TableColumn> Columns,
    IReadOnlyList<string> PartitionColumns,
    IReadOnlyList<DataFile> Files,
    IReadOnlyDictionary<string, long> Transactions)
{
    /// <summary>The version this table id came into being with, as far back as the log goes.</summary>
    public long FirstVersion { get; init; }

    /// <summary>When the table came into being; null when its writer did not say.</summary>
    public DateTimeOffset? Created { get; init; }

    /// <summary>Delta's table properties.</summary>
    public IReadOnlyDictionary<string, string?> Properties { get; init; } = DataFile.NoPartition;

    /// <summary>Sum over the files; null when one of them came without statistics.</summary>
    public long? Rows => Files.Aggregate((long?)0, (sum, file) => sum + file.Statistics?.Rows);
}
