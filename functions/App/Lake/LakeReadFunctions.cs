using DataPlatform.Files;
using DataPlatform.Gateway;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace DataPlatform.App.Lake;

/// <summary>Objects of the lake, and lists at addresses that end with a slash. What came from outside and was not checked, or broke its
/// contract, may hold personal data that tables have not: it has scopes of its own.</summary>
public sealed class LakeReadFunctions(LakeReader reader)
{
    [Function("LakeRawRead")]
    [ApiRoute("read:raw/{path}")]
    public Task<IResult> Raw(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "api/v1/lake/raw/{*path}")] HttpRequest request,
        string? path,
        CancellationToken cancellationToken) => reader.ReadAsync(request, $"{LakeAddress.Raw}/{path}", cancellationToken);

    [Function("LakeQuarantineRead")]
    [ApiRoute("read:quarantine/{path}")]
    public Task<IResult> Quarantine(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "api/v1/lake/quarantine/{*path}")] HttpRequest request,
        string? path,
        CancellationToken cancellationToken) => reader.ReadAsync(request, $"{LakeAddress.Quarantine}/{path}", cancellationToken);

    /// <summary>The other zones. Hosts take the first match by name: this one matches what the two above do, too.</summary>
    [Function("zLakeRead")]
    [ApiRoute("read:lake/{path}")]
    public Task<IResult> Read(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "api/v1/lake/{*path}")] HttpRequest request,
        string? path,
        CancellationToken cancellationToken) => reader.ReadAsync(request, path ?? "", cancellationToken);
}
