using DataPlatform.Gateway;
using DataPlatform.Operations;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;

namespace DataPlatform.App.Operations;

/// <summary>What became of runs.</summary>
public sealed class RunFunctions(RunStore runs, RunReader reader, RunHistory history, TimeProvider clock)
{
    /// <summary>The run with its steps, rows, versions, progress and error; with <c>?wait=</c> and seconds, when it has ended or they are
    /// over.</summary>
    [Function("RunGet")]
    [ApiRoute("read:run/{run}")]
    public Task<IResult> Get(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/v1/runs/{run}")] HttpRequest request,
        string run,
        CancellationToken cancellationToken) => reader.GetAsync(request, run, cancellationToken);

    /// <summary>The runs of <c>?pipeline=</c> or <c>?mart=</c>, newest first.</summary>
    [Function("RunList")]
    [ApiRoute("read:run/*")]
    public Task<IResult> List(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/v1/runs")] HttpRequest request,
        CancellationToken cancellationToken) => reader.ListAsync(request, cancellationToken);

    /// <summary>Schedules runs whose request was stored but whose process ended before it could.</summary>
    [Function("RunSchedulePending")]
    public async Task SchedulePending(
        [TimerTrigger("*/15 * * * * *")] TimerInfo timer, [DurableClient] DurableTaskClient client, CancellationToken cancellationToken)
    {
        foreach (var pending in await runs.ListOverdueAsync(clock.GetUtcNow(), cancellationToken))
            await client.ScheduleRunAsync(pending.Id, pending.Kind, cancellationToken);
    }

    [Function("RunHistoryPurge")]
    public Task PurgeHistory(
        [TimerTrigger("0 20 3 * * *")] TimerInfo timer, [DurableClient] DurableTaskClient client, CancellationToken cancellationToken) =>
        history.PurgeAsync(client, cancellationToken);
}
