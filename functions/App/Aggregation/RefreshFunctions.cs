using DataPlatform.App.Operations;
using DataPlatform.Catalog;
using DataPlatform.Gateway;
using DataPlatform.Operations;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;

namespace DataPlatform.App.Aggregation;

/// <summary>Starts refreshes of marts.</summary>
public sealed class RefreshFunctions(CatalogStore catalog, RunScheduler scheduler)
{
    /// <summary>202 with the run's id; its progress is at <c>Operation-Location</c>.</summary>
    [Function("MartRefresh")]
    [ApiRoute("run:mart/{mart}")]
    public async Task<IResult> Start(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/v1/marts/{mart}/refreshes")] HttpRequest request,
        [DurableClient] DurableTaskClient client,
        string mart,
        CancellationToken cancellationToken)
    {
        var entry = await catalog.GetAsync<MartDefinition>(mart, cancellationToken);
        var wanted = new RunRequest(RunKind.Refresh, mart, entry.Version, Caller.Of(request.HttpContext).Id, IdempotencyKey.Read(request));
        return await scheduler.StartAsync(request, client, wanted, cancellationToken);
    }
}
