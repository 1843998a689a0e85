using DataPlatform.Aggregation;
using DataPlatform.App.Operations;
using DataPlatform.Catalog;
using DataPlatform.Gateway;
using DataPlatform.Operations;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;

namespace DataPlatform.App.Aggregation;

/// <summary>Refreshes and verifications of marts.</summary>
public sealed class RefreshFunctions(CatalogStore catalog, MartRefresher refresher, RunStore runs, RunScheduler scheduler, Links links)
{
    private const int DefaultTop = 50;
    private const int MaxTop = 500;

    /// <summary>202 with the run's id; its progress is at <c>Operation-Location</c>. With <c>dryRun</c>: 200 with what would be done.</summary>
    [Function("MartRefresh")]
    [ApiRoute("run:mart/{mart}", Body = RequestBody.Document)]
    public async Task<IResult> Start(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/v1/marts/{mart}/refreshes")] HttpRequest request,
        [DurableClient] DurableTaskClient client,
        string mart,
        CancellationToken cancellationToken)
    {
        var entry = await catalog.GetAsync<MartDefinition>(mart, cancellationToken);
        var document = RefreshDocument.Read(await DocumentReader.ReadOptionalAsync(request, cancellationToken), entry.Definition);
        if (!document.DryRun)
            return await StartAsync(request, client, entry, document.Wish, cancellationToken);
        _ = new QueryOptions(request, "wait");
        return new JsonAnswer(
            StatusCodes.Status200OK, await refresher.PreviewAsync(await refresher.PlanAsync(mart, entry.Version, document.Wish, cancellationToken), cancellationToken));
    }

    /// <summary>Newest first.</summary>
    [Function("MartRefreshList")]
    [ApiRoute("read:mart/{mart}")]
    public async Task<IResult> List(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/v1/marts/{mart}/refreshes")] HttpRequest request,
        string mart,
        CancellationToken cancellationToken)
    {
        var query = new QueryOptions(request, "top", "after");
        _ = await catalog.GetAsync<MartDefinition>(mart, cancellationToken);
        var page = await runs.ListAsync(RunKind.Refresh, mart, query.Text("after"), (int)(query.Number("top", 1, MaxTop) ?? DefaultTop), cancellationToken);
        return links.List(request, page.Runs, "after", page.Next);
    }

    /// <summary>A run that compares the mart with a full recomputation and writes nothing: its <c>verification</c> says what was found.</summary>
    [Function("MartVerify")]
    [ApiRoute("run:mart/{mart}")]
    public async Task<IResult> Verify(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/v1/marts/{mart}/verify")] HttpRequest request,
        [DurableClient] DurableTaskClient client,
        string mart,
        CancellationToken cancellationToken)
    {
        var entry = await catalog.GetAsync<MartDefinition>(mart, cancellationToken);
        return await StartAsync(request, client, entry, new RefreshWish { Verify = true }, cancellationToken);
    }

    private Task<IResult> StartAsync(
        HttpRequest request, DurableTaskClient client, CatalogEntry<MartDefinition> entry, RefreshWish? wish, CancellationToken cancellationToken)
    {
        var wanted = new RunRequest(RunKind.Refresh, entry.Definition.Name, entry.Version, Caller.Of(request.HttpContext).Id, IdempotencyKey.Read(request)) { Refresh = wish };
        return scheduler.StartAsync(request, client, wanted, cancellationToken);
    }
}
