using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace DataPlatform.ConformanceApp.Observing;

/// <summary>How the tests look into the app.</summary>
public sealed class ObservingFunctions(Observations observations, Gates gates)
{
    [Function("observing_read")]
    public IResult Read([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "observed/{key}")] HttpRequest request, string key) =>
        Results.Json(observations.Get(key));

    [Function("observing_open")]
    public IResult Open([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "gates/{key}")] HttpRequest request, string key)
    {
        gates.Open(key);
        return Results.NoContent();
    }

    [Function("observing_capabilities")]
    public IResult Capabilities([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "capabilities")] HttpRequest request) =>
        Results.Json(Observing.Capabilities.OfThisBuild);
}
