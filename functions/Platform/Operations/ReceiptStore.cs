using DataPlatform.Lake;

namespace DataPlatform.Operations;

/// <summary>Receipts by batch id. Those of committed batches follow from the table's log and win over all others.</summary>
public sealed class ReceiptStore(IRowStore rows)
{
    /// <summary>Row table: partition = dataset, id = batch id.</summary>
    public const string RowTable = "receipts";

    private const int MaxAttempts = 10;

    /// <returns>Null when there is none.</returns>
    public async Task<Receipt?> FindAsync(string id, CancellationToken cancellationToken) =>
        BatchId.TryGetDataset(id, out var dataset)
            ? (await rows.GetAsync<Receipt>(RowTable, new RowKey(dataset, id), cancellationToken))?.Value
            : null;

    /// <summary>Keeps the receipt of a batch without a commit, unless the batch turns out to be committed, or a later attempt has
    /// left one.</summary>
    /// <param name="confirm">Asked after the present receipt was read and before the new one is written; false leaves all as it is. What
    /// is committed meanwhile is noticed.</param>
    /// <returns>The receipt that is kept.</returns>
    public async Task<Receipt?> SettleAsync(
        Receipt receipt, Func<CancellationToken, Task<bool>>? confirm, CancellationToken cancellationToken)
    {
        var key = new RowKey(receipt.Dataset, receipt.Id);
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            var present = await rows.GetAsync<Receipt>(RowTable, key, cancellationToken);
            if (present is not null && (present.Value.State == ReceiptState.Committed || present.Value.Attempt > receipt.Attempt))
                return present.Value;
            if (confirm is not null && !await confirm(cancellationToken))
                return present?.Value;
            var stored = present is null
                ? await rows.TryInsertAsync(RowTable, key, receipt, cancellationToken)
                : await rows.TryReplaceAsync(RowTable, key, receipt, present.ETag, cancellationToken);
            if (stored is not null)
                return receipt;
        }

        throw new Failures.TransientException($"The receipt '{receipt.Id}' is written by too many at once.");
    }
}
