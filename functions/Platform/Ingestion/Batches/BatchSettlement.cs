using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Ingestion.Uploads;
using DataPlatform.Lake;
using DataPlatform.Operations;
using DataPlatform.Sql;
using DataPlatform.Tables;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace DataPlatform.Ingestion.Batches;

/// <summary>What the timer does for requests that crashed: brings receipts and ledger up to the logs, and settles claims that nobody works
/// on any more.</summary>
public sealed class BatchSettlement
{
    private const int PageSize = 100;

    private readonly CatalogStore _catalog;
    private readonly ReceiptStore _receipts;
    private readonly DatasetProjections _projections;
    private readonly ClaimStore _claims;
    private readonly UploadStore _uploads;
    private readonly BatchCommitter _committer;
    private readonly TimeProvider _clock;
    private readonly ILogger<BatchSettlement> _logger;

    public BatchSettlement(
        IRowStore rows,
        CatalogStore catalog,
        DeltaTables tables,
        TableMerge merge,
        WindowedAppend windowed,
        PartRewriter rewriter,
        ReceiptStore receipts,
        UploadStore uploads,
        DatasetProjections projections,
        TimeProvider clock,
        IOptions<PlatformOptions> options,
        ILogger<BatchSettlement> logger)
    {
        _catalog = catalog;
        _receipts = receipts;
        _uploads = uploads;
        _projections = projections;
        _claims = new ClaimStore(rows, receipts, clock, options.Value.ClaimLease);
        _committer = new BatchCommitter(tables, merge, windowed, rewriter);
        _clock = clock;
        _logger = logger;
    }

    /// <summary>One turn over all datasets. What fails for one, or for one claim, is left to the next turn and does not stop the
    /// others.</summary>
    public async Task SettleAsync(CancellationToken cancellationToken)
    {
        await foreach (var dataset in DatasetsAsync(cancellationToken))
        {
            await TryAsync(dataset, () => _projections.AdvanceAsync(dataset, null, cancellationToken));
            await TryAsync(dataset, async () =>
            {
                await foreach (var claim in _claims.ListAsync(dataset, cancellationToken))
                    await TryAsync(dataset, () => SettleAsync(claim, cancellationToken));
            });
        }
    }

    /// <summary>Removes idempotency keys, and uploads that have ended, that have lived their time.</summary>
    public async Task PurgeKeysAsync(CancellationToken cancellationToken)
    {
        await foreach (var dataset in DatasetsAsync(cancellationToken))
        {
            await _claims.PurgeKeysAsync(dataset, cancellationToken);
            await _uploads.PurgeAsync(dataset, cancellationToken);
        }
    }

    private async Task TryAsync(string dataset, Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (Exception fault) when (fault is TransientException or TerminalException)
        {
            Log.NotSettled(_logger, dataset, fault);
        }
    }

    private async Task SettleAsync(StoredRow<BatchClaim> row, CancellationToken cancellationToken)
    {
        var claim = row.Value;
        if (claim.IsUpload || claim.LeaseExpires > _clock.GetUtcNow())
            return;

        var abandoned = claim.ToReceipt(ReceiptState.Abandoned) with
        {
            Ended = _clock.GetUtcNow(),
        };

        // Should the commit turn up after the log was read, its projection writes the receipt: then or later, it has the last word.
        var kept = await _receipts.SettleAsync(
            abandoned, async token => await _committer.FindAsync(claim, token) is null, cancellationToken);
        if (kept is null)
            return; // committed a moment ago; the next turn finds the receipt
        if (ReferenceEquals(kept, abandoned))
            Log.Abandoned(_logger, claim.Id, claim.Attempt);
        await _claims.TryEndAsync(row, cancellationToken);
    }

    private async IAsyncEnumerable<string> DatasetsAsync(
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? after = null;
        do
        {
            var page = await _catalog.ListAsync<DatasetDefinition>(after, PageSize, cancellationToken);
            foreach (var entry in page.Entries)
                yield return entry.Definition.Name;
            after = page.Next;
        }
        while (after is not null);
    }
}
