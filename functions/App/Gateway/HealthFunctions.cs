using DataPlatform.Catalog;
using DataPlatform.Gateway;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace DataPlatform.App.Gateway;

public sealed class HealthFunctions(CatalogStore catalog)
{
    /// <summary>200 as long as the process answers.</summary>
    [Function("HealthLive")]
    [ApiRoute(ApiRouteAttribute.Public)]
    public IResult Live([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "health/live")] HttpRequest request) =>
        new JsonAnswer(StatusCodes.Status200OK, new { Status = "live" });

    /// <summary>200 when storage answers, else 503.</summary>
    [Function("HealthReady")]
    [ApiRoute(ApiRouteAttribute.Public)]
    public async Task<IResult> Ready(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "health/ready")] HttpRequest request, CancellationToken cancellationToken)
    {
        await catalog.ProbeAsync(cancellationToken);
        return new JsonAnswer(StatusCodes.Status200OK, new { Status = "ready" });
    }
}
