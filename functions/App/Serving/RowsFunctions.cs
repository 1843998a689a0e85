using DataPlatform.Gateway;
using DataPlatform.Serving;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace DataPlatform.App.Serving;

/// <summary>Rows of tables and marts: <c>apply compute select filter orderby top skip count format after version timestamp min-version</c>.</summary>
public sealed class RowsFunctions(ServedTables tables, RowsDoor door)
{
    [Function("MartRows")]
    [ApiRoute("read:mart/{mart}")]
    public async Task Mart(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/v1/marts/{mart}/rows")] HttpRequest request,
        string mart,
        CancellationToken cancellationToken) =>
        await door.AnswerAsync(request.HttpContext, await tables.MartAsync(mart, cancellationToken), cancellationToken);

    [Function("DatasetRows")]
    [ApiRoute("read:dataset/{dataset}")]
    public async Task Dataset(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/v1/datasets/{dataset}/rows")] HttpRequest request,
        string dataset,
        CancellationToken cancellationToken) =>
        await door.AnswerAsync(request.HttpContext, await tables.DatasetAsync(dataset, cancellationToken), cancellationToken);

    [Function("WarehouseRows")]
    [ApiRoute("read:warehouse/{table}")]
    public async Task Warehouse(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/v1/warehouse/tables/{table}/rows")] HttpRequest request,
        string table,
        CancellationToken cancellationToken) =>
        await door.AnswerAsync(request.HttpContext, await tables.WarehouseTableAsync(table, cancellationToken), cancellationToken);
}
