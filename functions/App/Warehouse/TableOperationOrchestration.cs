using DataPlatform.App.Operations;
using DataPlatform.Operations;
using DataPlatform.Warehouse;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using OrchestrationAlreadyExistsException = DurableTask.Core.Exceptions.OrchestrationAlreadyExistsException;

namespace DataPlatform.App.Warehouse;

/// <summary>Executes an operation on a table, round by round. The operation's id is the instance's.</summary>
public static class TableOperationOrchestration
{
    public const string Name = "TableOperation";

    [Function(Name)]
    public static async Task Run([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        var operation = context.InstanceId;
        RunFailure? error;
        try
        {
            TableOperationProgress progress;
            do
            {
                progress = await context.CallActivityAsync<TableOperationProgress>(TableOperationActivityFunctions.Work, operation, RunRetries.Work);
                error = progress.Error;
            }
            while (progress is { Error: null, More: true });
        }
        catch (TaskFailedException exception)
        {
            error = new RunFailure("ActivityFailed", $"{exception.FailureDetails.ErrorMessage} It was tried several times: ask for what is left again.");
        }

        await context.CallActivityAsync(TableOperationActivityFunctions.End, new TableOperationEnd(operation, error), RunRetries.End);
    }

    /// <summary>Schedules an operation's orchestration, unless it is under way.</summary>
    public static async Task ScheduleTableOperationAsync(this DurableTaskClient client, string operation, CancellationToken cancellationToken)
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
