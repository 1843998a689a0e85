using DataPlatform.Gateway;
using DataPlatform.Operations;
using Microsoft.AspNetCore.Http;
using Microsoft.DurableTask.Client;

namespace DataPlatform.App.Operations;

/// <summary>Answers requests to run something.</summary>
public sealed class RunScheduler(RunStore runs, Links links)
{
    /// <summary>202 with the run that the request, or an earlier one with its key, stored.</summary>
    public async Task<IResult> StartAsync(
        HttpRequest request, DurableTaskClient client, RunKind kind, string name, long definitionVersion, CancellationToken cancellationToken)
    {
        _ = new QueryOptions(request);
        var run = await runs.CreateAsync(
            new RunRequest(kind, name, definitionVersion, Caller.Of(request.HttpContext).Id, IdempotencyKey.Read(request)), cancellationToken);
        if (run.Status == RunStatus.NotStarted)
            await client.ScheduleRunAsync(run.Id, kind, cancellationToken);
        return links.Accepted(request, new OperationStatus(run.Id, run.Status.ToString()), $"/api/v1/runs/{run.Id}");
    }
}
