using DataPlatform.Gateway;
using DataPlatform.Operations;
using Microsoft.AspNetCore.Http;
using Microsoft.DurableTask.Client;

namespace DataPlatform.App.Operations;

/// <summary>Answers requests to run something.</summary>
public sealed class RunScheduler(RunStore runs, RunWaiter waiter, Links links)
{
    /// <summary>202 with the run that the request, or an earlier one with its key, stored. With <c>?wait=</c> and seconds: 200 with what
    /// became of it if it ends so soon.</summary>
    public async Task<IResult> StartAsync(HttpRequest request, DurableTaskClient client, RunRequest wanted, CancellationToken cancellationToken)
    {
        var wait = new QueryOptions(request, "wait").Number("wait", 0, RunWaiter.MaxSeconds);
        var run = await runs.CreateAsync(wanted, cancellationToken);
        if (run.Status == RunStatus.NotStarted)
            await client.ScheduleRunAsync(run.Id, run.Kind, cancellationToken);

        var address = $"/api/v1/runs/{run.Id}";
        if (wait is { } seconds)
            run = await waiter.WaitAsync(run.Id, TimeSpan.FromSeconds(seconds), cancellationToken);
        return wait is not null && run.HasEnded
            ? new JsonAnswer(StatusCodes.Status200OK, run) { Headers = new Dictionary<string, string> { ["Operation-Location"] = links.To(request, address) } }
            : links.Accepted(request, new OperationStatus(run.Id, run.Status.ToString()), address);
    }
}
