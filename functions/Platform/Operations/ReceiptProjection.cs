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
        projector.AdvanceAsync(new TableName(TableKind.Dataset, dataset), Name, upTo, RowsAtOnce, ProjectAsync, cancellationToken);

    // Single rows make many commits of few batches: theirs share transactions.
    private async Task ProjectAsync(Snapshot snapshot, IReadOnlyList<Commit> commits, CancellationToken cancellationToken)
    {
        var dataset = snapshot.Table.Name;
        foreach (var batches in commits.SelectMany(commit => commit.Batches.Select(batch => (Commit: commit, Batch: batch))).Chunk(RowsAtOnce))
        {
            FaultPoint.Pass("before-ledger");
            await PutAsync(Ledger.RowTable, batches.Select(item => RowOperation.Upsert(new RowKey(dataset, item.Batch.Id),
                LedgerEntry.Of(item.Batch, item.Commit))), cancellationToken);
            FaultPoint.Pass("before-receipt");
            await PutAsync(ReceiptStore.RowTable, batches.Select(item => RowOperation.Upsert(new RowKey(dataset, item.Batch.Id),
                Receipt.Of(dataset, item.Batch, item.Commit))), cancellationToken);
            FaultPoint.Pass("after-receipt");
        }
    }

    private async Task PutAsync(string table, IEnumerable<RowOperation> operations, CancellationToken cancellationToken)
    {
        IReadOnlyList<RowOperation> all = [.. operations];
        // A transaction takes a row once; a log that others write may tell of a batch twice.
        var fits = all.Sum(operation => (long)operation.Value.Length) <= RowLimits.MaxBatchBytes && all.DistinctBy(operation => operation.Key).Count() == all.Count;
        if (fits && await rows.TryBatchAsync(table, all, cancellationToken))
            return;
        foreach (var operation in all)
            await rows.UpsertAsync(table, operation.Key, operation.Value, cancellationToken);
    }
}
