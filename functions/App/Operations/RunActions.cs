using DataPlatform.Gateway;
using DataPlatform.Operations;
using Microsoft.AspNetCore.Http;
using Microsoft.DurableTask.Client;

namespace DataPlatform.App.Operations;

/// <summary>Answers requests to cancel runs and to go on with them.</summary>
public sealed class RunActions(RunStore runs, RunCancellation cancellation, RunEnding ending, RunScheduler scheduler, Links links)
{
    public async Task<IResult> CancelAsync(HttpRequest request, DurableTaskClient client, string id, CancellationToken cancellationToken)
    {
        _ = new QueryOptions(request);
        var run = await cancellation.RequestAsync(id, Caller.Of(request.HttpContext).Id, cancellationToken);
        if (!run.HasEnded)
            return links.Accepted(request, new OperationStatus(run.Id, run.Status.ToString()), $"/api/v1/runs/{run.Id}");

        // One that waited is over at once, and the next in the queue may begin.
        await ending.SettleAsync(client, run.Id, cancellationToken);
        return new JsonAnswer(StatusCodes.Status200OK, run);
    }

    public async Task<IResult> RetryAsync(HttpRequest request, DurableTaskClient client, string id, CancellationToken cancellationToken)
    {
        var wanted = RunRequest.ToRetry(await runs.GetAsync(id, cancellationToken), Caller.Of(request.HttpContext).Id, IdempotencyKey.Read(request));
        return await scheduler.StartAsync(request, client, wanted, cancellationToken);
    }
}
