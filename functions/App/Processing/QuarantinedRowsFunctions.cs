using DataPlatform.Gateway;
using DataPlatform.Processing;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace DataPlatform.App.Processing;

/// <summary>Rows that runs kept out of tables.</summary>
public sealed class QuarantinedRowsFunctions(QuarantinedRows quarantine)
{
    /// <summary>The rows that a run kept out of the table, one JSON object a line, with the names of the expectations that they break.</summary>
    [Function("WarehouseQuarantine")]
    [ApiRoute("read:warehouse/{table}")]
    public async Task<IResult> Get(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/v1/warehouse/tables/{table}/quarantine/{run}")] HttpRequest request,
        string table,
        string run,
        CancellationToken cancellationToken)
    {
        _ = new QueryOptions(request);
        var write = await quarantine.FindAsync(table, run, cancellationToken);
        return TypedResults.Stream(target => write(target, cancellationToken), "application/x-ndjson");
    }
}
