using DataPlatform.Gateway;
using DataPlatform.Operational;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace DataPlatform.App.Operational;

/// <summary>The latest row of each key, for applications.</summary>
public sealed class OperationalFunctions(OperationalStore store, Links links)
{
    [Function("OperationalGet")]
    [ApiRoute("read:operational/{dataset}")]
    public async Task<IResult> Get(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/v1/operational/{dataset}/{key}")] HttpRequest request,
        string dataset,
        string key,
        CancellationToken cancellationToken)
    {
        _ = new QueryOptions(request);
        return OperationalAnswers.Of(request, await store.GetAsync(dataset, key, cancellationToken));
    }

    [Function("OperationalList")]
    [ApiRoute("read:operational/{dataset}")]
    public async Task<IResult> List(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/v1/operational/{dataset}")] HttpRequest request,
        string dataset,
        CancellationToken cancellationToken)
    {
        var page = await store.ListAsync(OperationalAnswers.ReadQuery(request, dataset), cancellationToken);
        return links.List(request, [.. page.Items.Select(OperationalAnswers.Listed)], "after", page.Next);
    }

    [Function("OperationalPut")]
    [ApiRoute("write:operational/{dataset}", Body = RequestBody.Document)]
    public async Task<IResult> Put(
        [HttpTrigger(AuthorizationLevel.Anonymous, "put", Route = "api/v1/operational/{dataset}/{key}")] HttpRequest request,
        string dataset,
        string key,
        CancellationToken cancellationToken) =>
        OperationalAnswers.Of(await store.PutAsync(await OperationalAnswers.ReadAsync(request, dataset, key, cancellationToken), cancellationToken));

    [Function("OperationalPatch")]
    [ApiRoute("write:operational/{dataset}", Body = RequestBody.Document)]
    public async Task<IResult> Patch(
        [HttpTrigger(AuthorizationLevel.Anonymous, "patch", Route = "api/v1/operational/{dataset}/{key}")] HttpRequest request,
        string dataset,
        string key,
        CancellationToken cancellationToken) =>
        OperationalAnswers.Of(await store.PatchAsync(await OperationalAnswers.ReadAsync(request, dataset, key, cancellationToken), cancellationToken));

    [Function("OperationalDelete")]
    [ApiRoute("write:operational/{dataset}")]
    public async Task<IResult> Delete(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = "api/v1/operational/{dataset}/{key}")] HttpRequest request,
        string dataset,
        string key,
        CancellationToken cancellationToken) =>
        OperationalAnswers.Of(await store.DeleteAsync(OperationalAnswers.ReadDeletion(request, dataset, key), cancellationToken));
}
