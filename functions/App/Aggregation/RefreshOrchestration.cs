using DataPlatform.Aggregation;
using DataPlatform.App.Operations;
using DataPlatform.Operations;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;

namespace DataPlatform.App.Aggregation;

/// <summary>Executes a mart's refresh.</summary>
public static class RefreshOrchestration
{
    [Function(RunOrchestrations.Refresh)]
    public static async Task Run([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        var run = context.InstanceId;
        RunFailure? error;
        try
        {
            var begun = await context.CallActivityAsync<RefreshBegun>(RefreshActivityFunctions.Begin, run, RunRetries.Work);
            if (begun.NothingToDo)
                return;

            error = begun.Error;
            if (begun.Plan is { NothingNew: false } plan)
            {
                var work = new RefreshWork(run, plan);
                error = (await context.CallActivityAsync<ActivityOutcome>(RefreshActivityFunctions.Compute, work, RunRetries.Work)).Error;
            }
        }
        catch (TaskFailedException exception)
        {
            error = new RunFailure("ActivityFailed", $"{exception.FailureDetails.ErrorMessage} It was tried several times: refresh the mart again.");
        }

        await context.CallActivityAsync(RefreshActivityFunctions.End, new RunEnd(run, error), RunRetries.End);
    }
}
