using DataPlatform.Gateway;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace DataPlatform.App.Serving;

/// <summary>What there is to know of tables of all kinds: datasets, warehouse tables, marts. All but the list take <c>version</c> or
/// <c>timestamp</c>.</summary>
public sealed class TableFunctions(TableAnswers answers)
{
    /// <summary>Names and kinds: <c>kind top after</c>.</summary>
    [Function("TableList")]
    [ApiRoute("read:warehouse/*")]
    public Task<IResult> List(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/v1/warehouse/tables")] HttpRequest request,
        CancellationToken cancellationToken) => answers.ListAsync(request, cancellationToken);

    /// <summary>Columns, size, version.</summary>
    [Function("TableGet")]
    [ApiRoute("read:warehouse/{table}")]
    public Task<IResult> Get(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/v1/warehouse/tables/{table}")] HttpRequest request,
        string table,
        CancellationToken cancellationToken) => answers.DescribeAsync(request, table, cancellationToken);

    /// <summary>Commits, newest first: <c>top before</c>.</summary>
    [Function("TableHistory")]
    [ApiRoute("read:warehouse/{table}")]
    public Task<IResult> History(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/v1/warehouse/tables/{table}/history")] HttpRequest request,
        string table,
        CancellationToken cancellationToken) => answers.HistoryAsync(request, table, cancellationToken);

    /// <summary>Rows, and of each column smallest and largest value and nulls.</summary>
    [Function("TableStatistics")]
    [ApiRoute("read:warehouse/{table}")]
    public Task<IResult> Statistics(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/v1/warehouse/tables/{table}/statistics")] HttpRequest request,
        string table,
        CancellationToken cancellationToken) => answers.StatisticsAsync(request, table, cancellationToken);
}
