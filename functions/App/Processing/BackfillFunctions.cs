using DataPlatform.Gateway;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;

namespace DataPlatform.App.Processing;

/// <summary>Backfills of pipelines.</summary>
public sealed class BackfillFunctions(BackfillRequests backfills)
{
    /// <summary>202 with the backfill's id; with <c>?dryRun=true</c> 200 with what it would read.</summary>
    [Function("PipelineBackfill")]
    [ApiRoute("run:pipeline/{pipeline}", Body = RequestBody.Document)]
    public Task<IResult> Start(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/v1/pipelines/{pipeline}/backfills")] HttpRequest request,
        [DurableClient] DurableTaskClient client,
        string pipeline,
        CancellationToken cancellationToken) => backfills.StartAsync(request, client, pipeline, cancellationToken);

    /// <summary>The backfills of a pipeline, newest first.</summary>
    [Function("PipelineBackfillList")]
    [ApiRoute("read:pipeline/{pipeline}")]
    public Task<IResult> List(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/v1/pipelines/{pipeline}/backfills")] HttpRequest request,
        string pipeline,
        CancellationToken cancellationToken) => backfills.ListAsync(request, pipeline, cancellationToken);

    /// <summary>How far a backfill is.</summary>
    [Function("BackfillGet")]
    [ApiRoute("read:run/{backfill}")]
    public Task<IResult> Get(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/v1/backfills/{backfill}")] HttpRequest request,
        string backfill,
        CancellationToken cancellationToken) => backfills.GetAsync(request, backfill, cancellationToken);

    /// <summary>200 with the backfill when it has ended, else 202: it ends when the run of its slice has.</summary>
    [Function("BackfillCancel")]
    [ApiRoute("run:run/{backfill}")]
    public Task<IResult> Cancel(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/v1/backfills/{backfill}/cancel")] HttpRequest request,
        [DurableClient] DurableTaskClient client,
        string backfill,
        CancellationToken cancellationToken) => backfills.CancelAsync(request, client, backfill, cancellationToken);
}
