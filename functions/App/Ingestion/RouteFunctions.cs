using DataPlatform.App.Catalog;
using DataPlatform.Catalog;
using DataPlatform.Gateway;
using DataPlatform.Ingestion.Routing;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace DataPlatform.App.Ingestion;

/// <summary>The rules of the gateway.</summary>
public sealed class RouteFunctions(DefinitionHandler<RouteDefinition> definitions, RouteCheck check)
{
    [Function("RoutePut")]
    [ApiRoute("define:route/{route}", Body = RequestBody.Document)]
    public Task<IResult> Put(
        [HttpTrigger(AuthorizationLevel.Anonymous, "put", Route = "api/v1/routes/{route}")] HttpRequest request,
        string route,
        CancellationToken cancellationToken) => definitions.PutAsync(request, route, check.CheckAsync, cancellationToken);

    [Function("RouteGet")]
    [ApiRoute("read:route/{route}")]
    public Task<IResult> Get(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/v1/routes/{route}")] HttpRequest request,
        string route,
        CancellationToken cancellationToken) => definitions.GetAsync(request, route, cancellationToken);

    [Function("RouteList")]
    [ApiRoute("read:route/*")]
    public Task<IResult> List(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/v1/routes")] HttpRequest request,
        CancellationToken cancellationToken) => definitions.ListAsync(request, cancellationToken);

    [Function("RouteVersions")]
    [ApiRoute("read:route/{route}")]
    public Task<IResult> Versions(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/v1/routes/{route}/versions")] HttpRequest request,
        string route,
        CancellationToken cancellationToken) => definitions.ListVersionsAsync(request, route, cancellationToken);

    [Function("RouteDelete")]
    [ApiRoute("define:route/{route}")]
    public Task<IResult> Delete(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = "api/v1/routes/{route}")] HttpRequest request,
        string route,
        CancellationToken cancellationToken) => definitions.DeleteAsync(request, route, static (_, _) => Task.CompletedTask, cancellationToken);
}
