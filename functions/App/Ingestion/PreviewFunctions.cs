using DataPlatform.Gateway;
using DataPlatform.Ingestion.Preview;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace DataPlatform.App.Ingestion;

/// <summary>What would happen: nothing of it is stored.</summary>
public sealed class PreviewFunctions(IngestRequests requests, BatchValidator validator, ContractInference inference, ContractReplay replay)
{
    [Function("DatasetValidate")]
    [ApiRoute("ingest:{dataset}", Body = RequestBody.Data)]
    public async Task<IResult> Validate(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/v1/datasets/{dataset}/validate")] HttpRequest request,
        string dataset,
        CancellationToken cancellationToken)
    {
        var query = new QueryOptions(request, "version", "rows");
        var rows = (int)(query.Number("rows", 0, BatchValidator.MaxRows) ?? BatchValidator.DefaultRows);
        return new JsonAnswer(StatusCodes.Status200OK, await validator.ValidateAsync(await requests.ReadPreviewAsync(request, dataset, cancellationToken), query.Number("version", 1, long.MaxValue), rows, cancellationToken));
    }

    [Function("DatasetInfer")]
    [ApiRoute("define:dataset/{dataset}", Body = RequestBody.Data)]
    public async Task<IResult> Infer(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/v1/datasets/{dataset}/infer")] HttpRequest request,
        string dataset,
        CancellationToken cancellationToken)
    {
        var rows = (int)(new QueryOptions(request, "rows").Number("rows", 1, ContractInference.MaxRows) ?? ContractInference.DefaultRows);
        return new JsonAnswer(StatusCodes.Status200OK, await inference.InferAsync(await requests.ReadPreviewAsync(request, dataset, cancellationToken), rows, cancellationToken));
    }

    [Function("DatasetDryRun")]
    [ApiRoute("define:dataset/{dataset}", Body = RequestBody.Document)]
    public async Task<IResult> DryRun(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/v1/datasets/{dataset}/dry-run")] HttpRequest request,
        string dataset,
        CancellationToken cancellationToken)
    {
        var query = new QueryOptions(request, "batches", "from", "to");
        var batches = (int)(query.Number("batches", 1, ContractReplay.MaxBatches) ?? ContractReplay.DefaultBatches);
        var (from, to) = (query.Time("from"), query.Time("to"));
        var document = await DocumentReader.ReadAsync(request, cancellationToken);
        return new JsonAnswer(StatusCodes.Status200OK, await replay.RunAsync(dataset, document, batches, from, to, cancellationToken));
    }
}
