using DataPlatform.App.Operations;
using DataPlatform.Failures;
using DataPlatform.Gateway;
using DataPlatform.Operations;
using DataPlatform.Processing.Backfills;
using Microsoft.AspNetCore.Http;
using Microsoft.DurableTask.Client;

namespace DataPlatform.App.Processing;

/// <summary>Answers requests for backfills.</summary>
public sealed class BackfillRequests(BackfillStart start, BackfillStore store, BackfillDriver driver, RunEnding ending, Links links)
{
    private const int DefaultTop = 50;
    private const int MaxTop = 500;

    public async Task<IResult> StartAsync(HttpRequest request, DurableTaskClient client, string pipeline, CancellationToken cancellationToken)
    {
        var dryRun = new QueryOptions(request, "dryRun").Text("dryRun") switch
        {
            null or "false" => false,
            "true" => true,
            _ => throw new TerminalException(FailureKind.Invalid, "InvalidQueryOption", "The query option 'dryRun' must be true or false.", "dryRun"),
        };
        var document = await DocumentReader.ReadAsync(request, cancellationToken);
        if (dryRun)
            return new JsonAnswer(StatusCodes.Status200OK, await start.PlanAsync(pipeline, document, cancellationToken));
        var backfill = await start.CreateAsync(pipeline, document, Caller.Of(request.HttpContext).Id, IdempotencyKey.Read(request), cancellationToken);
        await AdvanceAsync(client, backfill.Id, cancellationToken);
        return Accepted(request, await store.GetAsync(backfill.Id, cancellationToken));
    }

    public async Task<IResult> GetAsync(HttpRequest request, string id, CancellationToken cancellationToken)
    {
        _ = new QueryOptions(request);
        return new JsonAnswer(StatusCodes.Status200OK, await store.GetAsync(id, cancellationToken));
    }

    public async Task<IResult> ListAsync(HttpRequest request, string pipeline, CancellationToken cancellationToken)
    {
        var query = new QueryOptions(request, "top", "after");
        var page = await store.ListAsync(pipeline, query.Text("after"), (int)(query.Number("top", 1, MaxTop) ?? DefaultTop), cancellationToken);
        return links.List(request, page.Backfills, "after", page.Next);
    }

    public async Task<IResult> CancelAsync(HttpRequest request, DurableTaskClient client, string id, CancellationToken cancellationToken)
    {
        _ = new QueryOptions(request);
        await driver.CancelAsync(id, Caller.Of(request.HttpContext).Id, cancellationToken);
        await AdvanceAsync(client, id, cancellationToken);
        var backfill = await store.GetAsync(id, cancellationToken);
        if (!backfill.HasEnded)
            return Accepted(request, backfill);

        // A slice that waited is over at once, and the next run in the queue may begin.
        if (backfill.Run is { } run)
            await ending.SettleAsync(client, run, cancellationToken);
        return new JsonAnswer(StatusCodes.Status200OK, backfill);
    }

    private async Task AdvanceAsync(DurableTaskClient client, string id, CancellationToken cancellationToken) =>
        await client.ScheduleRunsAsync(await driver.AdvanceAsync(id, cancellationToken), cancellationToken);

    private IResult Accepted(HttpRequest request, Backfill backfill) =>
        links.Accepted(request, new OperationStatus(backfill.Id, backfill.Status.ToString()), $"/api/v1/backfills/{backfill.Id}");
}
