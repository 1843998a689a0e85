using DataPlatform.Operations;
using DataPlatform.Triggers;
using Microsoft.DurableTask.Client;

namespace DataPlatform.App.Operations;

/// <summary>Finds runs whose orchestration is gone, so that they do not keep others waiting for good.</summary>
public sealed class RunRecovery(RunStore runs, RunFinisher finisher, RunUpkeep upkeep)
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);

    /// <summary>A run whose history was lost is scheduled again: its activities find what is done. One whose orchestration failed or was
    /// terminated has failed.</summary>
    public async Task RecoverAsync(DurableTaskClient client, CancellationToken cancellationToken)
    {
        foreach (var run in await upkeep.ListLongAsync(Long, cancellationToken))
        {
            var instance = await client.GetInstanceAsync(run.Id, cancellationToken);
            if (instance is { IsCompleted: false } || (await runs.GetAsync(run.Id, cancellationToken)).HasEnded)
                continue;
            if (instance?.RuntimeStatus is OrchestrationRuntimeStatus.Failed or OrchestrationRuntimeStatus.Terminated)
                await finisher.EndAsync(run.Id, Failure(instance.RuntimeStatus), cancellationToken);
            else
                await client.ScheduleRunAsync(run.Id, run.Kind, cancellationToken);
        }
    }

    private static RunFailure Failure(OrchestrationRuntimeStatus status) => new(
        "OrchestrationEnded",
        status == OrchestrationRuntimeStatus.Terminated
            ? "The run's orchestration was terminated: start it again."
            : "The run's orchestration failed, which the log of the host explains: start it again.");
}
