using DataPlatform.App.Operations;
using DataPlatform.Operations;
using DataPlatform.Processing;
using Microsoft.DurableTask;

namespace DataPlatform.App.Processing;

/// <summary>How runs went that were begun by releases before there were retries and timeouts of steps. Histories are replayed: it stays as it is.</summary>
internal static class FirstCourse
{
    public static async Task<RunFailure?> RunStepAsync(TaskOrchestrationContext context, string run, int step)
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
