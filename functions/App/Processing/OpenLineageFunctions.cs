using System.Text.Json.Nodes;
using DataPlatform.Gateway;
using DataPlatform.Processing.Lineage.OpenLineage;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace DataPlatform.App.Processing;

/// <summary>Runs in the words of OpenLineage.</summary>
public sealed class OpenLineageFunctions(OpenLineageReader reader)
{
    /// <summary>The events of a run so far, in the order in which they came about. The SQL of steps is in them for who may read the pipeline.</summary>
    [Function("RunOpenLineage")]
    [ApiRoute("read:run/{run}")]
    public async Task<IResult> Get(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/v1/runs/{run}/openlineage")] HttpRequest request,
        string run,
        CancellationToken cancellationToken)
    {
        _ = new QueryOptions(request);
        var caller = Caller.Of(request.HttpContext);
        var events = await reader.ReadAsync(run, known => caller.Has($"read:pipeline/{known.Name}"), cancellationToken);
        return new JsonAnswer(StatusCodes.Status200OK, new ListAnswer<JsonObject>(events));
    }
}
