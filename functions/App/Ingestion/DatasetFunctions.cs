using DataPlatform.App.Catalog;
using DataPlatform.Catalog;
using DataPlatform.Gateway;
using DataPlatform.Processing;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace DataPlatform.App.Ingestion;

/// <summary>The definitions of datasets.</summary>
public sealed class DatasetFunctions(DefinitionHandler<DatasetDefinition> definitions, ContractPut put, TableUsers users)
{
    [Function("DatasetPut")]
    [ApiRoute("define:dataset/{dataset}", Body = RequestBody.Document)]
    public Task<IResult> Put(
        [HttpTrigger(AuthorizationLevel.Anonymous, "put", Route = "api/v1/datasets/{dataset}")] HttpRequest request,
        string dataset,
        CancellationToken cancellationToken) => put.PutAsync(request, dataset, cancellationToken);

    [Function("DatasetGet")]
    [ApiRoute("read:dataset/{dataset}")]
    public Task<IResult> Get(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/v1/datasets/{dataset}")] HttpRequest request,
        string dataset,
        CancellationToken cancellationToken) => definitions.GetAsync(request, dataset, cancellationToken);

    [Function("DatasetList")]
    [ApiRoute("read:dataset/*")]
    public Task<IResult> List(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/v1/datasets")] HttpRequest request,
        CancellationToken cancellationToken) => definitions.ListAsync(request, cancellationToken);

    [Function("DatasetVersions")]
    [ApiRoute("read:dataset/{dataset}")]
    public Task<IResult> Versions(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/v1/datasets/{dataset}/versions")] HttpRequest request,
        string dataset,
        CancellationToken cancellationToken) => definitions.ListVersionsAsync(request, dataset, cancellationToken);

    [Function("DatasetDelete")]
    [ApiRoute("define:dataset/{dataset}")]
    public Task<IResult> Delete(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = "api/v1/datasets/{dataset}")] HttpRequest request,
        string dataset,
        CancellationToken cancellationToken) => definitions.DeleteAsync(request, dataset, users.EnsureUnusedAsync, cancellationToken);
}
