using DataPlatform.App.Operations;
using DataPlatform.Operations;
using DataPlatform.Processing;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;

namespace DataPlatform.App.Processing;

/// <summary>Executes a pipeline's run: its steps one after another, the groups of a step side by side.</summary>
public static class PipelineOrchestration
{
    [Function(RunOrchestrations.Pipeline)]
    public static async Task Run([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        var run = context.InstanceId;
        RunFailure? error;
        try
        {
            var begun = await context.CallActivityAsync<RunBegun>(PipelineActivityFunctions.Begin, run, RunRetries.Work);
            if (begun.NothingToDo)
                return;

            error = begun.Error;
            for (var step = 0; step < begun.Steps && error is null; step++)
                error = await RunStepAsync(context, run, step);
        }
        catch (TaskFailedException exception)
        {
            error = new RunFailure("ActivityFailed", $"{exception.FailureDetails.ErrorMessage} It was tried several times: start the pipeline again.");
        }

        await context.CallActivityAsync(PipelineActivityFunctions.End, new RunEnd(run, error), RunRetries.End);
    }

    private static async Task<RunFailure?> RunStepAsync(TaskOrchestrationContext context, string run, int step)
    {
        var planned = await context.CallActivityAsync<StepPlanned>(PipelineActivityFunctions.PlanStep, new StepWork(run, step), RunRetries.Work);
        if (planned.Error is not null)
            return planned.Error;

        var groups = Enumerable.Range(0, planned.Groups).Select(group =>
            context.CallActivityAsync<ActivityOutcome>(PipelineActivityFunctions.RunGroup, new GroupWork(run, step, group), RunRetries.Work));
        var outcomes = await Task.WhenAll(groups);
        if (Array.Find(outcomes, outcome => outcome.Error is not null) is { } failed)
            return failed.Error;

        return (await context.CallActivityAsync<ActivityOutcome>(PipelineActivityFunctions.CommitStep, new StepWork(run, step), RunRetries.Work)).Error;
    }
}
