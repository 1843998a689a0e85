using DataPlatform.Gateway;
using DataPlatform.Triggers;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;

namespace DataPlatform.App.Operations;

/// <summary>What became of runs.</summary>
public sealed class RunFunctions(RunReader reader, RunHistory history, RunUpkeep upkeep, RunRecovery recovery, TriggerTicker triggers)
{
    /// <summary>The run with its steps, rows, versions, progress and error; with <c>?wait=</c> and seconds, when it has ended or they are
    /// over.</summary>
    [Function("RunGet")]
    [ApiRoute("read:run/{run}")]
    public Task<IResult> Get(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/v1/runs/{run}")] HttpRequest request,
        string run,
        CancellationToken cancellationToken) => reader.GetAsync(request, run, cancellationToken);

    /// <summary>What happened in the run, and when.</summary>
    [Function("RunLog")]
    [ApiRoute("read:run/{run}")]
    public Task<IResult> Log(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/v1/runs/{run}/log")] HttpRequest request,
        string run,
        CancellationToken cancellationToken) => reader.LogAsync(request, run, cancellationToken);

    /// <summary>Runs, newest first: all, or by pipeline or mart, status, trigger and time.</summary>
    [Function("RunList")]
    [ApiRoute("read:run/*")]
    public Task<IResult> List(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/v1/runs")] HttpRequest request,
        CancellationToken cancellationToken) => reader.ListAsync(request, cancellationToken);

    /// <summary>Every 15 seconds: runs whose process ended before it could schedule them, or see to what follows from their end.</summary>
    [Function("RunSchedulePending")]
    public async Task SchedulePending(
        [TimerTrigger("*/15 * * * * *")] TimerInfo timer, [DurableClient] DurableTaskClient client, CancellationToken cancellationToken)
    {
        await client.ScheduleRunsAsync(await upkeep.TurnAsync(cancellationToken), cancellationToken);
        await recovery.RecoverAsync(client, cancellationToken);
    }

    /// <summary>Every 2 seconds: triggers that are due or have heard of changes here; every 15 seconds all of them.</summary>
    [Function("RunTriggers")]
    public async Task Trigger(
        [TimerTrigger("*/2 * * * * *")] TimerInfo timer, [DurableClient] DurableTaskClient client, CancellationToken cancellationToken) =>
        await client.ScheduleRunsAsync(await triggers.TickAsync(cancellationToken), cancellationToken);

    [Function("RunHistoryPurge")]
    public Task PurgeHistory(
        [TimerTrigger("0 20 3 * * *")] TimerInfo timer, [DurableClient] DurableTaskClient client, CancellationToken cancellationToken) =>
        history.PurgeAsync(client, cancellationToken);
}
