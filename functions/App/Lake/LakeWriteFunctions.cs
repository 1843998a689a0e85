using DataPlatform.Files;
using DataPlatform.Gateway;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;

namespace DataPlatform.App.Lake;

/// <summary>Objects and folders below <c>files/</c>.</summary>
public sealed class LakeWriteFunctions(LakeWriter writer, LakeTransfers transfers, LakeChanges changes)
{
    [Function("LakeFilePut")]
    [ApiRoute("write:lake/files/{path}", Body = RequestBody.File)]
    public Task<IResult> Put(
        [HttpTrigger(AuthorizationLevel.Anonymous, "put", Route = "api/v1/lake/files/{*path}")] HttpRequest request,
        string? path,
        CancellationToken cancellationToken) => writer.PutAsync(request, $"{LakeAddress.Files}/{path}", cancellationToken);

    /// <summary>Copies or moves something to the address.</summary>
    [Function("LakeFilePost")]
    [ApiRoute("write:lake/files/{path}", Body = RequestBody.Document)]
    public async Task<IResult> Post(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/v1/lake/files/{*path}")] HttpRequest request,
        [DurableClient] DurableTaskClient client,
        string? path,
        CancellationToken cancellationToken)
    {
        var wait = LakeChanges.Wait(new QueryOptions(request, "wait"));
        var document = await DocumentReader.ReadAsync(request, cancellationToken);
        var change = await transfers.PostAsync(request, $"{LakeAddress.Files}/{path}", document, cancellationToken);
        return await changes.AnswerAsync(request, client, change, wait, cancellationToken);
    }

    /// <summary>Deletes an object; with <c>?recursive=true</c> the folder whose address ends with a slash.</summary>
    [Function("LakeFileDelete")]
    [ApiRoute("write:lake/files/{path}")]
    public async Task<IResult> Delete(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = "api/v1/lake/files/{*path}")] HttpRequest request,
        [DurableClient] DurableTaskClient client,
        string? path,
        CancellationToken cancellationToken)
    {
        var address = $"{LakeAddress.Files}/{path}";
        if (!LakeTransfers.IsRecursive(request, address, out var query))
            return await writer.DeleteAsync(request, address, cancellationToken);
        var change = await transfers.DeleteFolderAsync(request, address, cancellationToken);
        return await changes.AnswerAsync(request, client, change, LakeChanges.Wait(query), cancellationToken);
    }
}
