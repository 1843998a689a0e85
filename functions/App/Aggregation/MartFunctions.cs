using DataPlatform.Aggregation;
using DataPlatform.App.Catalog;
using DataPlatform.Catalog;
using DataPlatform.Gateway;
using DataPlatform.Processing;
using DataPlatform.Triggers;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace DataPlatform.App.Aggregation;

/// <summary>The definitions of marts.</summary>
public sealed class MartFunctions(
    DefinitionHandler<MartDefinition> definitions, MartCheck check, TableUsers users, TriggerCheck triggerCheck, TriggerRoutes triggers,
    MartStatuses statuses, MartExplainer explainer, CatalogStore catalog)
{
    [Function("MartPut")]
    [ApiRoute("define:mart/{mart}", Body = RequestBody.Document)]
    public Task<IResult> Put(
        [HttpTrigger(AuthorizationLevel.Anonymous, "put", Route = "api/v1/marts/{mart}")] HttpRequest request,
        string mart,
        CancellationToken cancellationToken) => triggers.ChangeAsync(definitions.PutAsync(request, mart, CheckAsync, cancellationToken));

    [Function("MartGet")]
    [ApiRoute("read:mart/{mart}")]
    public Task<IResult> Get(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/v1/marts/{mart}")] HttpRequest request,
        string mart,
        CancellationToken cancellationToken) => definitions.GetAsync(request, mart, cancellationToken);

    [Function("MartList")]
    [ApiRoute("read:mart/*")]
    public Task<IResult> List(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/v1/marts")] HttpRequest request,
        CancellationToken cancellationToken) => definitions.ListAsync(request, cancellationToken);

    [Function("MartVersions")]
    [ApiRoute("read:mart/{mart}")]
    public Task<IResult> Versions(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/v1/marts/{mart}/versions")] HttpRequest request,
        string mart,
        CancellationToken cancellationToken) => definitions.ListVersionsAsync(request, mart, cancellationToken);

    /// <summary>How new its data is: as of when, from which versions of its sources, whether stale.</summary>
    [Function("MartStatus")]
    [ApiRoute("read:mart/{mart}")]
    public async Task<IResult> Status(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/v1/marts/{mart}/status")] HttpRequest request,
        string mart,
        CancellationToken cancellationToken)
    {
        _ = new QueryOptions(request);
        return new JsonAnswer(StatusCodes.Status200OK, await statuses.ReadAsync(mart, cancellationToken));
    }

    /// <summary>How the numbers of one row came about. The row is named by the values of its dimensions; those that are null are listed in <c>null</c>.</summary>
    [Function("MartExplain")]
    [ApiRoute("read:mart/{mart}")]
    public async Task<IResult> Explain(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/v1/marts/{mart}/explain")] HttpRequest request,
        string mart,
        CancellationToken cancellationToken)
    {
        var definition = (await catalog.GetAsync<MartDefinition>(mart, cancellationToken)).Definition;
        var query = new QueryOptions(request, [.. definition.Dimensions.Select(dimension => dimension.Name), MartGroup.NullOption]);
        return new JsonAnswer(StatusCodes.Status200OK, await explainer.ExplainAsync(mart, MartGroup.Read(definition, query), cancellationToken));
    }

    /// <summary>When it is refreshed next, what it waits for, and its newest refresh.</summary>
    [Function("MartTriggers")]
    [ApiRoute("read:mart/{mart}")]
    public Task<IResult> Triggers(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/v1/marts/{mart}/triggers")] HttpRequest request,
        string mart,
        CancellationToken cancellationToken) => triggers.GetMartAsync(request, mart, cancellationToken);

    [Function("MartDelete")]
    [ApiRoute("define:mart/{mart}")]
    public Task<IResult> Delete(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = "api/v1/marts/{mart}")] HttpRequest request,
        string mart,
        CancellationToken cancellationToken) => triggers.ChangeAsync(definitions.DeleteAsync(request, mart, users.EnsureUnusedAsync, cancellationToken));

    private async Task CheckAsync(MartDefinition definition, CancellationToken cancellationToken)
    {
        await check.CheckAsync(definition, cancellationToken);
        await triggerCheck.CheckAsync(definition, cancellationToken);
    }
}
