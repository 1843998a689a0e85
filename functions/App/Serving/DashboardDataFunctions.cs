using DataPlatform.Gateway;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace DataPlatform.App.Serving;

/// <summary>What dashboards show: <c>last from to</c> and <c>filter.{dimension}</c> choose the rows. Links to dashboards may ask, too.</summary>
public sealed class DashboardDataFunctions(DashboardAnswers answers)
{
    [Function("DashboardTileData")]
    [ApiRoute("read:dashboard/{dashboard}", Linked = true)]
    public Task<IResult> Tile(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/v1/dashboards/{dashboard}/tiles/{tile}/data")] HttpRequest request,
        string dashboard,
        string tile,
        CancellationToken cancellationToken) => answers.TileAsync(request, dashboard, tile, cancellationToken);

    [Function("DashboardFilterValues")]
    [ApiRoute("read:dashboard/{dashboard}", Linked = true)]
    public Task<IResult> Values(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/v1/dashboards/{dashboard}/filters/{dimension}/values")] HttpRequest request,
        string dashboard,
        string dimension,
        CancellationToken cancellationToken) => answers.ValuesAsync(request, dashboard, dimension, cancellationToken);

    /// <summary>A link that shows the dashboard without a key, until it ends.</summary>
    [Function("DashboardLinkCreate")]
    [ApiRoute("share:dashboard/{dashboard}", Body = RequestBody.Document)]
    public Task<IResult> Link(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/v1/dashboards/{dashboard}/links")] HttpRequest request,
        string dashboard,
        CancellationToken cancellationToken) => answers.LinkAsync(request, dashboard, cancellationToken);
}
