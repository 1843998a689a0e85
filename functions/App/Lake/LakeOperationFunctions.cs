using DataPlatform.App.Operations;
using DataPlatform.Files;
using DataPlatform.Gateway;
using DataPlatform.Operations;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;

namespace DataPlatform.App.Lake;

/// <summary>How operations on folders go on.</summary>
public sealed class LakeOperationFunctions(OperationStore<LakeOperation> store, LakeChanges changes, Links links)
{
    private const int DefaultTop = 50;
    private const int MaxTop = 500;

    /// <summary>How far an operation is; with <c>?wait=</c> and seconds, when it has ended or they are over.</summary>
    [Function("LakeOperationGet")]
    [ApiRoute("read:lake/operations/{id}")]
    public async Task<IResult> Get(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/v1/lake/operations/{id}")] HttpRequest request,
        string id,
        CancellationToken cancellationToken)
    {
        var wait = new QueryOptions(request, "wait").Number("wait", 0, LongPoll.MaxSeconds) ?? 0;
        var operation = await store.WaitAsync(LakeOperation.Partition, id, TimeSpan.FromSeconds(wait), cancellationToken);
        return new JsonAnswer(StatusCodes.Status200OK, operation)
        {
            Headers = operation.HasEnded ? new Dictionary<string, string>() : new Dictionary<string, string> { ["Retry-After"] = "1" },
        };
    }

    /// <summary>The operations on folders, newest first.</summary>
    [Function("LakeOperationList")]
    [ApiRoute("read:lake/operations")]
    public async Task<IResult> List(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/v1/lake/operations")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        var query = new QueryOptions(request, "top", "after");
        var page = await store.ListAsync(
            LakeOperation.Partition, query.Text("after"), (int)(query.Number("top", 1, MaxTop) ?? DefaultTop), cancellationToken);
        return links.List(request, page.Operations, "after", page.Next);
    }

    /// <summary>Asks an operation to end: 202, or 200 when it has. What was copied or deleted stays so; a move that is canceled leaves its source whole until all
    /// of it was copied.</summary>
    [Function("LakeOperationCancel")]
    [ApiRoute("write:lake/operations/{id}")]
    public async Task<IResult> Cancel(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/v1/lake/operations/{id}/cancel")] HttpRequest request,
        string id,
        CancellationToken cancellationToken)
    {
        _ = new QueryOptions(request);
        var operation = await store.CancelAsync(LakeOperation.Partition, id, Caller.Of(request.HttpContext).Id, cancellationToken);
        return operation.HasEnded ? new JsonAnswer(StatusCodes.Status200OK, operation) : changes.Accepted(request, operation);
    }

    /// <summary>Schedules operations whose request was stored but whose process ended before it could.</summary>
    [Function("LakeOperationSchedule")]
    public async Task SchedulePending(
        [TimerTrigger("*/15 * * * * *")] TimerInfo timer, [DurableClient] DurableTaskClient client, CancellationToken cancellationToken)
    {
        foreach (var operation in await store.ListOverdueAsync(cancellationToken))
            await client.ScheduleOperationAsync(LakeOperationOrchestration.Name, operation, cancellationToken);
    }
}
