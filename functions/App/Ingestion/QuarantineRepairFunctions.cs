using DataPlatform.Gateway;
using DataPlatform.Ingestion.Quarantine;
using DataPlatform.Operations;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;

namespace DataPlatform.App.Ingestion;

/// <summary>Takes rows out of quarantine: replays and dismissals. Names of routes sort before that of the route with a batch's id.</summary>
public sealed class QuarantineRepairFunctions(QuarantineReplayer replayer, QuarantineDismisser dismisser, ReplayStore replays, QuarantineRetention retention, Links links)
{
    /// <summary>200 with what a dry run finds, else 202 with the replay's id.</summary>
    [Function("QuarantineBeginReplay")]
    [ApiRoute("define:dataset/{dataset}", Body = RequestBody.Document)]
    public async Task<IResult> Replay(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/v1/datasets/{dataset}/quarantine/replays")] HttpRequest request,
        [DurableClient] DurableTaskClient client,
        string dataset,
        CancellationToken cancellationToken)
    {
        _ = new QueryOptions(request);
        var document = await DocumentReader.ReadAsync(request, cancellationToken);
        var asked = QuarantineReplayer.Read(dataset, document);
        if (asked.DryRun)
            return new JsonAnswer(StatusCodes.Status200OK, await replayer.TryAsync(dataset, asked, cancellationToken));
        var replay = await replayer.CreateAsync(dataset, asked, document, Caller.Of(request.HttpContext).Id, IdempotencyKey.Read(request), cancellationToken);
        if (replay.Status == ReplayStatus.NotStarted)
            await client.ScheduleReplayAsync(replay.Id, cancellationToken);
        return links.Accepted(request, new OperationStatus(replay.Id, replay.Status.ToString()), $"/api/v1/datasets/{dataset}/quarantine/replays/{replay.Id}");
    }

    /// <summary>How far a replay is, and what it did; with <c>?wait=</c> and seconds, when it has ended or they are over.</summary>
    [Function("QuarantineFindReplay")]
    [ApiRoute("read:quarantine/{dataset}")]
    public async Task<IResult> Find(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/v1/datasets/{dataset}/quarantine/replays/{id}")] HttpRequest request,
        string dataset,
        string id,
        CancellationToken cancellationToken)
    {
        var wait = new QueryOptions(request, "wait").Number("wait", 0, RunWaiter.MaxSeconds) ?? 0;
        var report = await replayer.WaitAsync(dataset, id, TimeSpan.FromSeconds(wait), cancellationToken);
        return new JsonAnswer(StatusCodes.Status200OK, report)
        {
            Headers = report.Ended is null ? new Dictionary<string, string> { ["Retry-After"] = "1" } : new Dictionary<string, string>(),
        };
    }

    /// <summary>200 with how many rows were given up.</summary>
    [Function("QuarantineDismiss")]
    [ApiRoute("define:dataset/{dataset}", Body = RequestBody.Document)]
    public async Task<IResult> Dismiss(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/v1/datasets/{dataset}/quarantine/dismissals")] HttpRequest request,
        string dataset,
        CancellationToken cancellationToken)
    {
        _ = new QueryOptions(request);
        var document = await DocumentReader.ReadAsync(request, cancellationToken);
        var dismissal = await dismisser.DismissAsync(dataset, document, Caller.Of(request.HttpContext).Id, IdempotencyKey.Read(request), cancellationToken);
        return new JsonAnswer(StatusCodes.Status200OK, DismissalAnswer.Of(dismissal));
    }

    /// <summary>Schedules replays whose request was stored but whose process ended before it could.</summary>
    [Function("QuarantineSchedulePending")]
    public async Task SchedulePending(
        [TimerTrigger("*/15 * * * * *")] TimerInfo timer, [DurableClient] DurableTaskClient client, CancellationToken cancellationToken)
    {
        foreach (var pending in await replays.ListOverdueAsync(cancellationToken))
            await client.ScheduleReplayAsync(pending.Id, cancellationToken);
    }

    [Function("QuarantinePurge")]
    public Task Purge([TimerTrigger("0 10 4 * * *")] TimerInfo timer, CancellationToken cancellationToken) => retention.PurgeAsync(cancellationToken);
}
