using DataPlatform.Operations;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using OrchestrationAlreadyExistsException = DurableTask.Core.Exceptions.OrchestrationAlreadyExistsException;

namespace DataPlatform.App.Operations;

/// <summary>What the orchestrations of operations share: round by round, then the end. The operation's id is the instance's.</summary>
internal static class OperationRounds
{
    /// <param name="work">The activity for a round.</param>
    /// <param name="end">The last activity.</param>
    public static async Task RunAsync(TaskOrchestrationContext context, string work, string end)
    {
        RunFailure? error;
        try
        {
            OperationProgress progress;
            do
            {
                progress = await context.CallActivityAsync<OperationProgress>(work, context.InstanceId, RunRetries.Work);
                error = progress.Error;
            }
            while (progress is { Error: null, More: true });
        }
        catch (TaskFailedException exception)
        {
            error = new RunFailure(
                "ActivityFailed", $"{exception.FailureDetails.ErrorMessage} It was tried several times: what was done stays done, ask for what is left again.");
        }

        await context.CallActivityAsync(end, new OperationEnd(context.InstanceId, error), RunRetries.End);
    }

    /// <summary>Schedules an operation's orchestration, unless it is under way.</summary>
    public static async Task ScheduleOperationAsync(this DurableTaskClient client, string orchestration, string operation, CancellationToken cancellationToken)
    {
        try
        {
            await client.ScheduleNewOrchestrationInstanceAsync(orchestration, new StartOrchestrationOptions(operation), cancellationToken);
        }
        catch (OrchestrationAlreadyExistsException)
        {
            // Another request with the same key, or the timer, was first.
        }
    }
}
