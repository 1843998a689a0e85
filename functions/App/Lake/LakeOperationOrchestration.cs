using DataPlatform.App.Operations;
using DataPlatform.Files;
using DataPlatform.Operations;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using OrchestrationAlreadyExistsException = DurableTask.Core.Exceptions.OrchestrationAlreadyExistsException;

namespace DataPlatform.App.Lake;

/// <summary>Copies, moves or deletes a folder, round by round. The operation's id is the instance's.</summary>
public static class LakeOperationOrchestration
{
    public const string Name = "LakeOperation";

    [Function(Name)]
    public static async Task Run([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        RunFailure? error;
        try
        {
            LakeOperationProgress progress;
            do
            {
                progress = await context.CallActivityAsync<LakeOperationProgress>(LakeOperationActivityFunctions.Work, context.InstanceId, RunRetries.Work);
                error = progress.Error;
            }
            while (progress is { Error: null, More: true });
        }
        catch (TaskFailedException exception)
        {
            error = new RunFailure("ActivityFailed", $"{exception.FailureDetails.ErrorMessage} It was tried several times: what was done stays done.");
        }

        await context.CallActivityAsync(LakeOperationActivityFunctions.End, new LakeOperationEnd(context.InstanceId, error), RunRetries.End);
    }

    /// <summary>Schedules an operation's orchestration, unless it is under way.</summary>
    public static async Task ScheduleLakeOperationAsync(this DurableTaskClient client, string operation, CancellationToken cancellationToken)
    {
        try
        {
            await client.ScheduleNewOrchestrationInstanceAsync(Name, new StartOrchestrationOptions(operation), cancellationToken);
        }
        catch (OrchestrationAlreadyExistsException)
        {
            // Another request with the same key, or the timer, was first.
        }
    }
}
