using DataPlatform.Files;
using DataPlatform.Gateway;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace DataPlatform.App.Lake;

/// <summary>Objects below <c>files/</c>.</summary>
public sealed class LakeWriteFunctions(LakeWriter writer)
{
    [Function("LakeFilePut")]
    [ApiRoute("write:lake/files/{path}", Body = RequestBody.File)]
    public Task<IResult> Put(
        [HttpTrigger(AuthorizationLevel.Anonymous, "put", Route = "api/v1/lake/files/{*path}")] HttpRequest request,
        string? path,
        CancellationToken cancellationToken) => writer.PutAsync(request, $"{LakeAddress.Files}/{path}", cancellationToken);

    [Function("LakeFileDelete")]
    [ApiRoute("write:lake/files/{path}")]
    public Task<IResult> Delete(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = "api/v1/lake/files/{*path}")] HttpRequest request,
        string? path,
        CancellationToken cancellationToken) => writer.DeleteAsync(request, $"{LakeAddress.Files}/{path}", cancellationToken);
}
