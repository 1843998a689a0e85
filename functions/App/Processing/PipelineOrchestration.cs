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
            if (error is null && begun.Course == RunPlan.AheadCourse)
                error = await new AheadCourse(context, run, begun.Policies!).RunAsync();
            for (var step = begun.Done; step < begun.Steps && error is null && begun.Course != RunPlan.AheadCourse; step++)
            {
                error = begun.Course == 1
                    ? await FirstCourse.RunStepAsync(context, run, step)
                    : await new StepOrchestration(context, run, step, begun.Policies![step]).RunAsync();
            }
        }
        catch (TaskFailedException exception)
        {
            error = new RunFailure("ActivityFailed", $"{exception.FailureDetails.ErrorMessage} It was tried several times: start the pipeline again.");
        }

        await context.CallActivityAsync(PipelineActivityFunctions.End, new RunEnd(run, error), RunRetries.End);
    }

    /// <summary>The groups of a step whose fan-out is large, some of them: the histories of parent and children stay short.</summary>
    [Function(RunOrchestrations.Groups)]
    public static Task<ActivityOutcome> RunGroups([OrchestrationTrigger] TaskOrchestrationContext context) =>
        GroupFanOut.RunAsync(context, context.GetInput<GroupRange>()!);
}
