using DataPlatform.Gateway;
using DataPlatform.Serving.Warehouse;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace DataPlatform.App.Serving;

/// <summary>SQL of callers over the tables that they may read.</summary>
public sealed class QueryFunctions(QueryDoor door)
{
    [Function("WarehouseQuery")]
    [ApiRoute("query:warehouse", Body = RequestBody.Document)]
    public async Task Query(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/v1/warehouse/query")] HttpRequest request,
        CancellationToken cancellationToken) =>
        await door.AnswerAsync(
            request.HttpContext, await DocumentReader.ReadAsync(request, cancellationToken), Caller.Of(request.HttpContext).Has, cancellationToken);
}
