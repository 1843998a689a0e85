using DataPlatform.App.Gateway;
using DataPlatform.Failures;
using DataPlatform.Gateway;
using DataPlatform.Serving.Dashboards;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Options;

namespace DataPlatform.App.Serving;

/// <summary>The pages for people. They hold no data and name nothing, so they are public: what they show they ask for with the reader's key.</summary>
public sealed class PageFunctions(PageFiles files, ApiRoutes routes, IOptions<PlatformOptions> options)
{
    /// <summary>Addresses that the home page tells programs of, if they are there.</summary>
    private static readonly string[] Doors = ["/odata", "/api/openapi.json"];

    /// <summary>Asked for again each time; mostly answered with 304.</summary>
    private const string Again = "no-cache";

    private const string ForGood = "public, max-age=31536000, immutable";

    /// <summary>What there is on the platform.</summary>
    [Function("PageHome")]
    [ApiRoute(ApiRouteAttribute.Public)]
    public IResult Home([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = ApiRoute.Root)] HttpRequest request) =>
        new PageAnswer(files.Page("home.html").With("{doors}", string.Join(' ', Doors.Where(door => routes.MethodsOf(door).Count > 0))), Again);

    [Function("PageDashboards")]
    [ApiRoute(ApiRouteAttribute.Public)]
    public IResult List([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "dashboards")] HttpRequest request) => Page("dashboards.html");

    /// <summary>One page for all dashboards: which one it shows is in its address.</summary>
    [Function("PageDashboard")]
    [ApiRoute(ApiRouteAttribute.Public)]
    public IResult Dashboard([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "dashboards/{dashboard}")] HttpRequest request, string dashboard) => Page("dashboard.html");

    /// <summary>The same in a frame of another site. It uses the token behind the <c>#</c> of its address, never a key.</summary>
    [Function("PageEmbed")]
    [ApiRoute(ApiRouteAttribute.Public)]
    public IResult Embed([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "embed/{dashboard}")] HttpRequest request, string dashboard) =>
        new PageAnswer(files.Page("dashboard.html"), Again) { Frames = options.Value.EmbedOrigins };

    /// <summary>What pages load. An address with another hash, of a page from before an update, gets the file of today.</summary>
    [Function("PageAsset")]
    [ApiRoute(ApiRouteAttribute.Public)]
    public IResult Asset([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "assets/{hash}/{file}")] HttpRequest request, string hash, string file) =>
        files.Find(file) is { } found && !found.ContentType.StartsWith("text/html", StringComparison.Ordinal)
            ? new PageAnswer(found, hash == files.Hash ? ForGood : Again)
            : throw new TerminalException(FailureKind.NotFound, "AddressNotFound", $"There is nothing at {request.Path}.", "path");

    private PageAnswer Page(string name) => new(files.Page(name), Again);
}
