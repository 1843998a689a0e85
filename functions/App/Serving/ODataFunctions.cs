using DataPlatform.Failures;
using DataPlatform.Gateway;
using DataPlatform.Serving.OData;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace DataPlatform.App.Serving;

/// <summary>OData 4.0 for Power BI, Excel and Tableau. Which scope is needed follows from the entity set.</summary>
public sealed class ODataFunctions(ODataDoor door)
{
    /// <summary>501: clients that send batches by default can be told not to.</summary>
    [Function("ODataBatch")]
    [ApiRoute(ApiRouteAttribute.Authenticated)]
    public IResult Batch([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "odata/$batch")] HttpRequest request) =>
        throw new TerminalException(FailureKind.NotImplemented, "NotOffered", "'$batch' is not offered: send requests one by one.", "path");

    /// <summary>Service document, <c>$metadata</c>, entity sets, their <c>$count</c>, and entities by key.</summary>
    [Function("ODataRead")]
    [ApiRoute(ApiRouteAttribute.Authenticated)]
    public Task Read(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "odata/{*path}")] HttpRequest request, string? path, CancellationToken cancellationToken) =>
        door.AnswerAsync(request.HttpContext, path ?? "", cancellationToken);
}
