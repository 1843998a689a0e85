using DataPlatform.Failures;
using DataPlatform.Gateway;
using DataPlatform.Ingestion.Batches;
using DataPlatform.Ingestion.Quarantine;
using DataPlatform.Operations;
using DataPlatform.Processing.Lineage;
using Microsoft.AspNetCore.Http;

namespace DataPlatform.App.Operations;

/// <summary>Answers requests for receipts.</summary>
public sealed class ReceiptReader(
    BatchService batches, QuarantineService quarantine, ReceiptLists lists, ReceiptWaiter waiter, Links links)
{
    private const int DefaultTop = 50;
    private const int MaxTop = 500;

    /// <summary>The receipt; with <c>?trail=true</c> also where its rows went. With <c>?wait=</c> when they have come there: 200, or 202 after
    /// <c>?timeout=</c> seconds, or when a run that took them fails meanwhile.</summary>
    public async Task<IResult> GetAsync(HttpRequest request, string id, CancellationToken cancellationToken)
    {
        var query = new QueryOptions(request, "wait", "timeout", "trail");
        var (wait, seconds, trail) = (query.Text("wait"), query.Number("timeout", 0, ReceiptWaiter.MaxSeconds), LedgerReader.Flag(query, "trail"));
        if (wait is null && seconds is not null)
            throw new TerminalException(FailureKind.Invalid, "InvalidQueryOption", "'timeout' is how long to wait: say for what with ?wait=.", "timeout");

        if (wait is not null)
        {
            var receipt = await waiter.WaitAsync(
                token => FindAsync(id, token), wait, TimeSpan.FromSeconds(seconds ?? ReceiptWaiter.MaxSeconds), cancellationToken);
            return receipt.Trail!.Reached == true
                ? new JsonAnswer(StatusCodes.Status200OK, receipt)
                : new JsonAnswer(StatusCodes.Status202Accepted, receipt) { Headers = new Dictionary<string, string> { ["Retry-After"] = "1" } };
        }

        var found = await FindAsync(id, cancellationToken);
        return new JsonAnswer(StatusCodes.Status200OK, trail ? await waiter.FollowAsync(found, cancellationToken) : found);
    }

    /// <summary>The receipts of <c>?dataset=</c>, newest first.</summary>
    public async Task<IResult> ListAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var query = new QueryOptions(request, "dataset", "from", "to", "state", "service", "top", "after");
        var dataset = query.Text("dataset")
            ?? throw new TerminalException(FailureKind.Invalid, "InvalidQueryOption", "Say whose receipts: ?dataset= and a name.", "dataset");
        var filter = new ReceiptFilter(dataset, new LedgerRange(query.Time("from"), query.Time("to")), State(query), query.Text("service"));
        var page = await lists.ListAsync(filter, query.Text("after"), (int)(query.Number("top", 1, MaxTop) ?? DefaultTop), cancellationToken);
        return links.List(request, page.Receipts, "after", page.Next);
    }

    private async Task<Receipt> FindAsync(string id, CancellationToken cancellationToken) =>
        await quarantine.CompleteAsync(await batches.GetReceiptAsync(id, cancellationToken), cancellationToken);

    private static ReceiptState? State(QueryOptions query) => query.Text("state") switch
    {
        null => null,
        "in_progress" => ReceiptState.InProgress,
        "committed" => ReceiptState.Committed,
        "rejected" => ReceiptState.Rejected,
        "abandoned" => ReceiptState.Abandoned,
        _ => throw new TerminalException(
            FailureKind.Invalid, "InvalidQueryOption", "The query option 'state' is 'in_progress', 'committed', 'rejected' or 'abandoned'.", "state"),
    };
}
