using DataPlatform.Tables;

namespace DataPlatform.Ingestion.Batches;

/// <summary>A batch that lies in storage and waits for its commit.</summary>
internal sealed record BatchLoad(IReadOnlyList<TableColumn> Columns, IReadOnlyList<DataFile> Files, CommittedBatch Batch)
{
    /// <summary>Null when the contract has no window in which keys count once.</summary>
    public LoadedWindow? Window { get; init; }
}
