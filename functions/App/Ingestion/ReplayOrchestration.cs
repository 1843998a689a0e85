using DataPlatform.App.Operations;
using DataPlatform.Operations;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using OrchestrationAlreadyExistsException = DurableTask.Core.Exceptions.OrchestrationAlreadyExistsException;

namespace DataPlatform.App.Ingestion;

/// <summary>Executes a replay, batch by batch: all of them commit to one table. The replay's id is the instance's.</summary>
public static class ReplayOrchestration
{
    public const string Name = "ReplayQuarantine";

    [Function(Name)]
    public static async Task Run([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        var replay = context.InstanceId;
        RunFailure? error = null;
        try
        {
            foreach (var batch in await context.CallActivityAsync<IReadOnlyList<string>>(ReplayActivityFunctions.Begin, replay, RunRetries.Work))
            {
                error = (await context.CallActivityAsync<ActivityOutcome>(ReplayActivityFunctions.Work, new ReplayWork(replay, batch), RunRetries.Work)).Error;
                if (error is not null)
                    break;
            }
        }
        catch (TaskFailedException exception)
        {
            error = new RunFailure("ActivityFailed", $"{exception.FailureDetails.ErrorMessage} It was tried several times: replay what is left again.");
        }

        await context.CallActivityAsync(ReplayActivityFunctions.End, new ReplayEnd(replay, error), RunRetries.End);
    }

    /// <summary>Schedules a replay's orchestration, unless it is under way.</summary>
    public static async Task ScheduleReplayAsync(this DurableTaskClient client, string replay, CancellationToken cancellationToken)
    {
        try
        {
            await client.ScheduleNewOrchestrationInstanceAsync(Name, new StartOrchestrationOptions(replay), cancellationToken);
        }
        catch (OrchestrationAlreadyExistsException)
        {
            // Another request with the same key, or the timer, was first.
        }
    }
}
