using DataPlatform.Gateway;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace DataPlatform.App.Ingestion;

/// <summary>The address of an upload session where no storage account takes its blocks. Its signature is all the credentials it needs.</summary>
public sealed class UploadBodyFunctions(BlockAnswers answers)
{
    /// <summary>Put Block, Put Block List, Put Blob.</summary>
    [Function("UploadBodyPut")]
    [ApiRoute(ApiRouteAttribute.Public, Body = RequestBody.Data)]
    public Task<IResult> Put(
        [HttpTrigger(AuthorizationLevel.Anonymous, "put", Route = "api/v1/ingest/{dataset}/uploads/{id}/body")] HttpRequest request,
        string dataset,
        string id,
        CancellationToken cancellationToken) => answers.PutAsync(request, dataset, id, cancellationToken);

    /// <summary>Get Block List.</summary>
    [Function("UploadBodyGet")]
    [ApiRoute(ApiRouteAttribute.Public)]
    public Task<IResult> Get(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/v1/ingest/{dataset}/uploads/{id}/body")] HttpRequest request,
        string dataset,
        string id,
        CancellationToken cancellationToken) => answers.GetAsync(request, dataset, id, cancellationToken);
}
