using DataPlatform.Tables;

namespace DataPlatform.Ingestion.Batches;

/// <summary>A batch that lies in storage and waits for its commit.</summary>
internal sealed record BatchLoad(IReadOnlyList<TableColumn> Columns, IReadOnlyList<DataFile> Files, CommittedBatch Batch)
{
    /// <summary>The columns that the table's files were divided by when the rows were read; files that were made of rows of many partitions are not yet.</summary>
    public IReadOnlyList<string> Division { get; init; } = [];

    /// <summary>Null when the contract has no window in which keys count once.</summary>
    public LoadedWindow? Window { get; init; }
}
