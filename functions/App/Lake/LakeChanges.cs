using DataPlatform.App.Operations;
using DataPlatform.Files;
using DataPlatform.Gateway;
using DataPlatform.Operations;
using Microsoft.AspNetCore.Http;
using Microsoft.DurableTask.Client;

namespace DataPlatform.App.Lake;

/// <summary>Schedules what goes on as an operation, and answers.</summary>
public sealed class LakeChanges(OperationStore<LakeOperation> store, Links links)
{
    /// <returns>What was done; 202 with the operation's address, or with <c>?wait=</c> and seconds, 200 when it has ended within them.</returns>
    public async Task<IResult> AnswerAsync(HttpRequest request, DurableTaskClient client, LakeChange change, long wait, CancellationToken cancellationToken)
    {
        if (change.Operation is not { } operation)
            return change.Answer!;
        if (operation.Status == RunStatus.NotStarted)
            await client.ScheduleOperationAsync(LakeOperationOrchestration.Name, operation.Id, cancellationToken);
        if (wait > 0)
            operation = await store.WaitAsync(LakeOperation.Partition, operation.Id, TimeSpan.FromSeconds(wait), cancellationToken);
        return operation.HasEnded
            ? new JsonAnswer(StatusCodes.Status200OK, operation)
            : Accepted(request, operation);
    }

    /// <summary>202 with the operation's address.</summary>
    public IResult Accepted(HttpRequest request, LakeOperation operation) =>
        links.Accepted(request, new OperationStatus(operation.Id, operation.Status.ToString()), $"/api/v1/lake/operations/{operation.Id}");

    /// <returns>Seconds.</returns>
    public static long Wait(QueryOptions query) => query.Number("wait", 0, LongPoll.MaxSeconds) ?? 0;
}
