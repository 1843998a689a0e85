using DataPlatform.Files;
using DataPlatform.Gateway;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace DataPlatform.App.Lake;

/// <summary>Access control lists below <c>files/</c>, of accounts with a hierarchical namespace.</summary>
public sealed class LakeAccessFunctions(LakeAccess access)
{
    [Function("LakeAccessGet")]
    [ApiRoute("define:lake/files/{path}")]
    public Task<IResult> Get(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/v1/lake/access/files/{*path}")] HttpRequest request,
        string? path,
        CancellationToken cancellationToken) => access.GetAsync(request, $"{LakeAddress.Files}/{path}", cancellationToken);

    [Function("LakeAccessPut")]
    [ApiRoute("define:lake/files/{path}", Body = RequestBody.Document)]
    public async Task<IResult> Put(
        [HttpTrigger(AuthorizationLevel.Anonymous, "put", Route = "api/v1/lake/access/files/{*path}")] HttpRequest request,
        string? path,
        CancellationToken cancellationToken) =>
        await access.PutAsync(request, $"{LakeAddress.Files}/{path}", await DocumentReader.ReadAsync(request, cancellationToken), cancellationToken);
}
