using DataPlatform.Failures;
using DataPlatform.Lake;
using DataPlatform.Operations;
using Microsoft.Extensions.Options;

namespace DataPlatform.Ingestion.Batches;

/// <summary>Lists the receipts of a dataset, those of batches that are worked on among them.</summary>
public sealed class ReceiptLists
{
    private readonly ReceiptStore _receipts;
    private readonly DatasetProjections _projections;
    private readonly Ledger _ledger;
    private readonly ClaimStore _claims;
    private readonly TimeProvider _clock;

    public ReceiptLists(
        IRowStore rows, ReceiptStore receipts, DatasetProjections projections, Ledger ledger, TimeProvider clock, IOptions<PlatformOptions> options)
    {
        _receipts = receipts;
        _projections = projections;
        _ledger = ledger;
        _claims = new ClaimStore(rows, receipts, clock, options.Value.ClaimLease);
        _clock = clock;
    }

    /// <param name="before">As the page before named it; null starts with the newest.</param>
    /// <exception cref="TerminalException"><c>DatasetNotFound</c>; <c>InvalidQueryOption</c>.</exception>
    public async Task<ReceiptPage> ListAsync(ReceiptFilter filter, string? before, int top, CancellationToken cancellationToken)
    {
        var range = filter.Range.Checked();
        await _ledger.EnsureKnownAsync(filter.Dataset, cancellationToken);
        if (before is not null && !BatchId.IsPlace(filter.Dataset, before))
            throw new TerminalException(FailureKind.Invalid, "InvalidQueryOption", "'after' is the cursor of the page before: take its 'nextLink'.", "after");

        await _projections.AdvanceReceiptsAsync(filter.Dataset, null, cancellationToken);
        var claims = new Dictionary<string, Receipt>(StringComparer.Ordinal);
        await foreach (var claim in _claims.ListAsync(filter.Dataset, cancellationToken))
        {
            if (range.Contains(claim.Value.Started))
                claims[claim.Value.Id] = claim.Value.ToReceipt(ReceiptState.InProgress);
        }

        var page = await _receipts.ListAsync(filter.Dataset, range, before, filter.Takes, top, _clock.GetUtcNow(), cancellationToken);
        foreach (var id in page.Receipts.Where(receipt => receipt.State == ReceiptState.Committed).Select(receipt => receipt.Id))
            claims.Remove(id);

        // A batch that is worked on may have a receipt of an earlier attempt, which is no longer so.
        var open = claims.Values.Where(claim => filter.Takes(claim)
            && (before is null || string.CompareOrdinal(claim.Id, before) < 0) && (page.Next is null || string.CompareOrdinal(claim.Id, page.Next) >= 0)).ToList();
        List<Receipt> merged =
        [
            .. page.Receipts.Where(receipt => !claims.ContainsKey(receipt.Id)).Concat(open).OrderByDescending(receipt => receipt.Id, StringComparer.Ordinal),
        ];
        return merged.Count > top ? new ReceiptPage(merged[..top], merged[top - 1].Id) : new ReceiptPage(merged, page.Next);
    }
}
