using DataPlatform.Operations;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using OrchestrationAlreadyExistsException = DurableTask.Core.Exceptions.OrchestrationAlreadyExistsException;

namespace DataPlatform.App.Operations;

/// <summary>The orchestrations that execute runs. A run's id is its instance's id; there is no input.</summary>
internal static class RunOrchestrations
{
    public const string Pipeline = "RunPipeline";
    public const string Groups = "RunPipelineGroups";
    public const string Refresh = "RefreshMart";

    /// <summary>The event that tells a run which waits for its turn to look again.</summary>
    public const string Turn = "Turn";

    /// <summary>Schedules a run's orchestration, unless it is under way.</summary>
    public static async Task ScheduleRunAsync(this DurableTaskClient client, string run, RunKind kind, CancellationToken cancellationToken)
    {
        try
        {
            await client.ScheduleNewOrchestrationInstanceAsync(
                kind == RunKind.Pipeline ? Pipeline : Refresh, new StartOrchestrationOptions(run), cancellationToken);
        }
        catch (OrchestrationAlreadyExistsException)
        {
            // Another request with the same key, or the timer, was first.
        }
    }

    public static async Task ScheduleRunsAsync(this DurableTaskClient client, IReadOnlyList<Run> runs, CancellationToken cancellationToken)
    {
        foreach (var run in runs.Where(run => !run.HasEnded))
        {
            if (run.Status == RunStatus.NotStarted)
                await client.ScheduleRunAsync(run.Id, run.Kind, cancellationToken);
            else if (await client.GetInstanceAsync(run.Id, cancellationToken) is { IsCompleted: false })
                await client.RaiseEventAsync(run.Id, Turn, eventPayload: true, cancellationToken);
        }
    }
}
