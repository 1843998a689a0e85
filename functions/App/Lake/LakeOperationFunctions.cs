using DataPlatform.Files;
using DataPlatform.Gateway;
using DataPlatform.Operations;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;

namespace DataPlatform.App.Lake;

/// <summary>How operations on folders go on.</summary>
public sealed class LakeOperationFunctions(FolderWork work, LakeOperationStore store)
{
    /// <summary>How far an operation is; with <c>?wait=</c> and seconds, when it has ended or they are over.</summary>
    [Function("LakeOperationGet")]
    [ApiRoute("read:lake/operations/{id}")]
    public async Task<IResult> Get(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/v1/lake/operations/{id}")] HttpRequest request,
        string id,
        CancellationToken cancellationToken)
    {
        var wait = new QueryOptions(request, "wait").Number("wait", 0, LongPoll.MaxSeconds) ?? 0;
        var operation = await work.WaitAsync(id, TimeSpan.FromSeconds(wait), cancellationToken);
        return new JsonAnswer(StatusCodes.Status200OK, operation)
        {
            Headers = operation.HasEnded ? new Dictionary<string, string>() : new Dictionary<string, string> { ["Retry-After"] = "1" },
        };
    }

    /// <summary>Schedules operations whose request was stored but whose process ended before it could.</summary>
    [Function("LakeOperationSchedule")]
    public async Task SchedulePending(
        [TimerTrigger("*/15 * * * * *")] TimerInfo timer, [DurableClient] DurableTaskClient client, CancellationToken cancellationToken)
    {
        foreach (var operation in await store.ListOverdueAsync(cancellationToken))
            await client.ScheduleLakeOperationAsync(operation, cancellationToken);
    }
}
