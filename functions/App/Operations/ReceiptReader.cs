using DataPlatform.Failures;
using DataPlatform.Gateway;
using DataPlatform.Ingestion.Batches;
using DataPlatform.Ingestion.Quarantine;
using DataPlatform.Operations;
using DataPlatform.Processing.Lineage;
using Microsoft.AspNetCore.Http;

namespace DataPlatform.App.Operations;

/// <summary>Answers requests for receipts.</summary>
public sealed class ReceiptReader(BatchService batches, QuarantineService quarantine, ReceiptWaiter waiter)
{
    /// <summary>The receipt; with <c>?trail=true</c> also where its rows went. With <c>?wait=</c> when they have come there: 200, or 202 after
    /// <c>?timeout=</c> seconds, or when a run that took them fails meanwhile.</summary>
    public async Task<IResult> GetAsync(HttpRequest request, string id, CancellationToken cancellationToken)
    {
        var query = new QueryOptions(request, "wait", "timeout", "trail");
        var (wait, seconds, trail) = (query.Text("wait"), query.Number("timeout", 0, ReceiptWaiter.MaxSeconds), query.Text("trail"));
        if (trail is not (null or "true" or "false"))
            throw new TerminalException(FailureKind.Invalid, "InvalidQueryOption", "The query option 'trail' is 'true' or 'false'.", "trail");
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
        return new JsonAnswer(StatusCodes.Status200OK, trail == "true" ? await waiter.FollowAsync(found, cancellationToken) : found);
    }

    private async Task<Receipt> FindAsync(string id, CancellationToken cancellationToken) =>
        await quarantine.CompleteAsync(await batches.GetReceiptAsync(id, cancellationToken), cancellationToken);
}
