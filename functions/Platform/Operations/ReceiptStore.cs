using System.Globalization;
using DataPlatform.Lake;

namespace DataPlatform.Operations;

/// <summary>Receipts by batch id. Those of committed batches follow from the table's log and win over all others.</summary>
public sealed class ReceiptStore(IRowStore rows)
{
    /// <summary>Row table: partition = dataset, id = batch id.</summary>
    public const string RowTable = "receipts";

    private const int MaxAttempts = 10;
    private const int MostLooked = 20_000;
    private static readonly TimeSpan FirstSpan = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan MostAhead = TimeSpan.FromDays(1);

    /// <summary>No batch is older.</summary>
    private static readonly DateTimeOffset Earliest = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);

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
            if (stored is null)
                continue;
            if (receipt.State == ReceiptState.Rejected)
                await CountRejectedAsync(receipt, cancellationToken);
            return receipt;
        }

        throw new Failures.TransientException($"The receipt '{receipt.Id}' is written by too many at once.");
    }

    /// <summary>Looks backwards from the newest, in stretches of time that grow as long as there is little in them.</summary>
    /// <param name="range">When the batches started.</param>
    /// <param name="before">Where a page before ended; null starts with the newest.</param>
    /// <param name="now">Nothing started later.</param>
    public async Task<ReceiptPage> ListAsync(
        string dataset, LedgerRange range, string? before, Func<Receipt, bool> wanted, int top, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var floor = range.From is { } from && from > Earliest ? from : Earliest;
        var (end, endId) = before is not null ? (BatchId.TimeOf(before).AddMilliseconds(1), before)
            : range.To is { } to && to < now ? (to, BatchId.LowestAt(dataset, to))
            : (now.AddMilliseconds(1), BatchId.LowestAt(dataset, now + MostAhead));
        var span = FirstSpan;
        List<Receipt> found = [];
        for (var looked = 0; ;)
        {
            var start = end - floor > span ? end - span : floor;
            var startId = BatchId.LowestAt(dataset, start);
            var seen = 0;
            var newest = new Queue<Receipt>();
            await foreach (var row in rows.QueryAsync<Receipt>(RowTable, dataset, startId, endId, cancellationToken))
            {
                seen++;
                if (row.Key.Id == endId || !wanted(row.Value))
                    continue;
                newest.Enqueue(row.Value);
                if (newest.Count > top - found.Count)
                    newest.Dequeue();
            }

            found.AddRange(newest.Reverse());
            looked += seen;
            if (found.Count == top)
                return new ReceiptPage(found, found[^1].Id);
            if (start == floor)
                return new ReceiptPage(found, null);
            if (looked > MostLooked)
                return new ReceiptPage(found, startId);
            (end, endId) = (start, startId);
            span = seen > MostLooked / 8 ? span : span * 2;
        }
    }

    // Behind the receipt: a process that ends between the two leaves a request out of a count that nothing depends on.
    private async Task CountRejectedAsync(Receipt receipt, CancellationToken cancellationToken) => await rows.UpsertAsync(
        Ledger.RowTable,
        new RowKey(Ledger.RejectedOf(receipt.Dataset), $"{receipt.Id}.{receipt.Attempt.ToString(CultureInfo.InvariantCulture)}"),
        new RejectedRequest(receipt.Error?.Code ?? "", receipt.Service, receipt.Ended),
        cancellationToken);
}
