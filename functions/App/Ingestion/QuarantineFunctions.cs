using DataPlatform.Gateway;
using DataPlatform.Ingestion.Batches;
using DataPlatform.Ingestion.Quarantine;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace DataPlatform.App.Ingestion;

/// <summary>What is in quarantine: why, and the rows themselves.</summary>
public sealed class QuarantineFunctions(QuarantineService quarantine, BatchService batches, Links links)
{
    private const string Ndjson = "application/x-ndjson";

    /// <summary>The causes of the rows that are there, with counts, examples and a fix.</summary>
    [Function("QuarantineCauses")]
    [ApiRoute("read:quarantine/{dataset}")]
    public async Task<IResult> Causes(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/v1/datasets/{dataset}/quarantine")] HttpRequest request,
        string dataset,
        CancellationToken cancellationToken)
    {
        var query = new QueryOptions(request, "rule", "column", "batch", "since", "top", "after");
        var top = (int)(query.Number("top", 1, QuarantineService.MaxCauses) ?? QuarantineService.DefaultCauses);
        var page = await quarantine.ListAsync(dataset, Filter(query), query.Text("after"), top, cancellationToken);
        return links.List(request, page.Causes, "after", page.Next);
    }

    /// <summary>The rows that are there, of all batches. The name sorts before that of the route with a batch's id.</summary>
    [Function("QuarantineFindRows")]
    [ApiRoute("read:quarantine/{dataset}")]
    public async Task<IResult> Rows(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/v1/datasets/{dataset}/quarantine/rows")] HttpRequest request,
        string dataset,
        CancellationToken cancellationToken)
    {
        var query = new QueryOptions(request, "cause", "batch", "since", "limit");
        var limit = (int)(query.Number("limit", 1, QuarantineService.MaxRows) ?? QuarantineService.DefaultRows);
        var write = await quarantine.ReadRowsAsync(dataset, query.Text("cause"), Filter(query), limit, cancellationToken);
        return TypedResults.Stream(target => write(target, cancellationToken), Ndjson);
    }

    /// <summary>The rows of one batch as they came, whatever has become of them since.</summary>
    [Function("QuarantineGet")]
    [ApiRoute("read:quarantine/{dataset}")]
    public async Task<IResult> Get(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/v1/datasets/{dataset}/quarantine/{batch}")] HttpRequest request,
        string dataset,
        string batch,
        CancellationToken cancellationToken)
    {
        _ = new QueryOptions(request);
        return TypedResults.Stream(await batches.OpenQuarantineAsync(dataset, batch, cancellationToken), Ndjson);
    }

    private static QuarantineFilter Filter(QueryOptions query) => new(query.Text("rule"), query.Text("column"), query.Text("batch"), query.Time("since"));
}
