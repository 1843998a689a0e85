using DataPlatform.Ingestion.Streaming;
using DataPlatform.Tables;

namespace DataPlatform.Ingestion.Batches;

/// <summary>A batch that lies in storage and waits for its commit.</summary>
internal sealed record BatchLoad(IReadOnlyList<TableColumn> Columns, IReadOnlyList<DataFile> Files, CommittedBatch Batch)
{
    private static readonly IReadOnlyDictionary<string, long> NoTransactions = new Dictionary<string, long>();

    /// <summary>The columns that the table's files were divided by when the rows were read; files that were made of rows of many partitions are not yet.</summary>
    public IReadOnlyList<string> Division { get; init; } = [];

    /// <summary>The table's columns then: what has a narrower type in the files must be written anew, for the column was widened and the contract not yet.</summary>
    public IReadOnlyList<TableColumn> Into { get; init; } = [];

    /// <summary>Whether columns are of a narrower type than the table's.</summary>
    public bool IsNarrow => Columns.Any(column => Into.Any(known => known.Name == column.Name && WiderTypes.IsWider(known.Type, column.Type)));

    /// <summary>Whether all files are of one partition each.</summary>
    public bool IsDivided => Files.All(file => file.PartitionValues.Count == Division.Count && Division.All(file.PartitionValues.ContainsKey));

    /// <summary>To be committed to another version of the table.</summary>
    public BatchLoad For(Snapshot table) => this with { Division = table.PartitionColumns, Into = table.Columns };

    /// <summary>The rows as events of a stream; null for what came otherwise.</summary>
    public EventBatch? Events { get; init; }

    /// <summary>How far the commit moves the table in the streams that it follows.</summary>
    public IReadOnlyDictionary<string, long> Transactions => Events?.Transactions ?? NoTransactions;

    /// <summary>Null when the contract has no window in which keys count once.</summary>
    public LoadedWindow? Window { get; init; }
}
