using DataPlatform.Gateway;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace DataPlatform.App.Processing;

/// <summary>Where tables and columns come from, and what comes from them.</summary>
public sealed class LineageFunctions(LineageAnswers answers)
{
    /// <summary>Of a table, or of a <c>column</c>: <c>direction depth columns indirect</c>.</summary>
    [Function("LineageGet")]
    [ApiRoute("read:lineage/{table}")]
    public Task<IResult> Get(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/v1/lineage/{table}")] HttpRequest request,
        string table,
        CancellationToken cancellationToken) => answers.OfTableAsync(request, table, cancellationToken);

    /// <summary>Of a column: <c>direction depth indirect</c>.</summary>
    [Function("LineageGetColumn")]
    [ApiRoute("read:lineage/{table}")]
    public Task<IResult> GetColumn(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/v1/lineage/{table}/{column}")] HttpRequest request,
        string table,
        string column,
        CancellationToken cancellationToken) => answers.OfColumnAsync(request, table, column, cancellationToken);
}
