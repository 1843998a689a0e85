using DataPlatform.App.Operations;
using DataPlatform.Catalog;
using DataPlatform.Gateway;
using DataPlatform.Operations;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;

namespace DataPlatform.App.Processing;

/// <summary>Starts pipelines.</summary>
public sealed class PipelineRunFunctions(CatalogStore catalog, RunScheduler scheduler)
{
    /// <summary>202 with the run's id; its progress is at <c>Operation-Location</c>.</summary>
    [Function("PipelineRun")]
    [ApiRoute("run:pipeline/{pipeline}")]
    public async Task<IResult> Start(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/v1/pipelines/{pipeline}/runs")] HttpRequest request,
        [DurableClient] DurableTaskClient client,
        string pipeline,
        CancellationToken cancellationToken)
    {
        var entry = await catalog.GetAsync<PipelineDefinition>(pipeline, cancellationToken);
        var wanted = new RunRequest(RunKind.Pipeline, pipeline, entry.Version, Caller.Of(request.HttpContext).Id, IdempotencyKey.Read(request))
        {
            Concurrency = entry.Definition.Concurrency,
        };
        return await scheduler.StartAsync(request, client, wanted, cancellationToken);
    }
}
