using DataPlatform.Failures;
using DataPlatform.Lake;
using DataPlatform.Tables;

namespace DataPlatform.Operations;

/// <summary>Makes receipts and ledger rows of what the logs of dataset tables say. Doing it again changes nothing.</summary>
public sealed class ReceiptProjection(IRowStore rows, TableProjector projector)
{
    /// <summary>The projection's name, for <see cref="TableProjector"/>.</summary>
    public const string Name = "receipts";

    private const int RowsAtOnce = RowLimits.MaxBatchOperations;

    /// <param name="upTo">A version of the table to reach at least; null goes to the newest.</param>
    /// <returns>The version projected up to; -1 when there is no such table.</returns>
    public Task<long> AdvanceAsync(string dataset, long? upTo, CancellationToken cancellationToken) =>
        projector.AdvanceAsync(new TableName(TableKind.Dataset, dataset), Name, upTo, ProjectAsync, cancellationToken);

    private async Task ProjectAsync(Snapshot snapshot, Commit commit, CancellationToken cancellationToken)
    {
        var dataset = snapshot.Table.Name;
        foreach (var batches in commit.Batches.Chunk(RowsAtOnce))
        {
            FaultPoint.Pass("before-ledger");
            await PutAsync(Ledger.RowTable, batches.Select(batch => RowOperation.Upsert(new RowKey(dataset, batch.Id),
                new LedgerEntry(commit.Version, batch.Received, batch.Loaded, batch.Quarantined, batch.Duplicate, batch.Discarded, batch.Bytes,
                    commit.Timestamp))), cancellationToken);
            FaultPoint.Pass("before-receipt");
            await PutAsync(ReceiptStore.RowTable, batches.Select(batch => RowOperation.Upsert(new RowKey(dataset, batch.Id),
                Receipt.Of(dataset, batch, commit))), cancellationToken);
            FaultPoint.Pass("after-receipt");
        }
    }

    private async Task PutAsync(string table, IEnumerable<RowOperation> operations, CancellationToken cancellationToken)
    {
        IReadOnlyList<RowOperation> all = [.. operations];
        var fits = all.Sum(operation => (long)operation.Value.Length) <= RowLimits.MaxBatchBytes;
        if (fits && await rows.TryBatchAsync(table, all, cancellationToken))
            return;
        foreach (var operation in all)
            await rows.UpsertAsync(table, operation.Key, operation.Value, cancellationToken);
    }
}
