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
    [ApiRoute("run:pipeline/{pipeline}", Body = RequestBody.Document)]
    public async Task<IResult> Start(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/v1/pipelines/{pipeline}/runs")] HttpRequest request,
        [DurableClient] DurableTaskClient client,
        string pipeline,
        CancellationToken cancellationToken)
    {
        var entry = await catalog.GetAsync<PipelineDefinition>(pipeline, cancellationToken);
        var document = RunDocument.Read(await DocumentReader.ReadOptionalAsync(request, cancellationToken), entry.Definition);
        var wanted = new RunRequest(RunKind.Pipeline, pipeline, entry.Version, Caller.Of(request.HttpContext).Id, IdempotencyKey.Read(request))
        {
            Concurrency = entry.Definition.Concurrency,
            Parameters = document.Parameters.Count == 0 ? null : document.Parameters,
            FullRefresh = document.FullRefresh,
        };
        return await scheduler.StartAsync(request, client, wanted, cancellationToken);
    }
}
