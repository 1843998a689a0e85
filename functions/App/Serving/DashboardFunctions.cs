using DataPlatform.App.Catalog;
using DataPlatform.Catalog;
using DataPlatform.Gateway;
using DataPlatform.Serving.Dashboards;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace DataPlatform.App.Serving;

/// <summary>The definitions of dashboards.</summary>
public sealed class DashboardFunctions(DefinitionHandler<DashboardDefinition> definitions, DashboardCheck check)
{
    [Function("DashboardPut")]
    [ApiRoute("define:dashboard/{dashboard}", Body = RequestBody.Document)]
    public Task<IResult> Put(
        [HttpTrigger(AuthorizationLevel.Anonymous, "put", Route = "api/v1/dashboards/{dashboard}")] HttpRequest request,
        string dashboard,
        CancellationToken cancellationToken) => definitions.PutAsync(
            request,
            dashboard,
            (definition, token) => check.CheckAsync(definition, mart => Caller.Of(request.HttpContext).Has($"read:mart/{mart}"), token),
            cancellationToken);

    [Function("DashboardGet")]
    [ApiRoute("read:dashboard/{dashboard}", Linked = true)]
    public Task<IResult> Get(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/v1/dashboards/{dashboard}")] HttpRequest request,
        string dashboard,
        CancellationToken cancellationToken) => definitions.GetAsync(request, dashboard, cancellationToken);

    [Function("DashboardList")]
    [ApiRoute("read:dashboard/*")]
    public Task<IResult> List(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/v1/dashboards")] HttpRequest request,
        CancellationToken cancellationToken) => definitions.ListAsync(request, cancellationToken);

    [Function("DashboardVersions")]
    [ApiRoute("read:dashboard/{dashboard}")]
    public Task<IResult> Versions(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/v1/dashboards/{dashboard}/versions")] HttpRequest request,
        string dashboard,
        CancellationToken cancellationToken) => definitions.ListVersionsAsync(request, dashboard, cancellationToken);

    [Function("DashboardDelete")]
    [ApiRoute("define:dashboard/{dashboard}")]
    public Task<IResult> Delete(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = "api/v1/dashboards/{dashboard}")] HttpRequest request,
        string dashboard,
        CancellationToken cancellationToken) => definitions.DeleteAsync(request, dashboard, static (_, _) => Task.CompletedTask, cancellationToken);
}
