using DataPlatform.App.Operations;
using DataPlatform.Operations;
using DataPlatform.Processing;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;

namespace DataPlatform.App.Processing;

/// <summary>The activities of a pipeline's run.</summary>
public sealed class PipelineActivityFunctions(PipelineActivities activities, RunEnding ending)
{
    public const string Begin = "PipelineRunBegin";
    public const string PlanStep = "PipelineStepPlan";
    public const string SplitGroup = "PipelineStepSplit";
    public const string TakeTurn = "PipelineRunTurn";
    public const string StopStep = "PipelineStepStop";
    public const string RunGroup = "PipelineStepGroup";
    public const string CommitStep = "PipelineStepCommit";
    public const string End = "PipelineRunEnd";

    [Function(Begin)]
    public Task<RunBegun> BeginRun([ActivityTrigger] string run, CancellationToken cancellationToken) => activities.StartAsync(run, cancellationToken);

    [Function(PlanStep)]
    public Task<StepPlanned> Plan([ActivityTrigger] StepWork work, CancellationToken cancellationToken) =>
        work.Whole
            ? activities.StartStepAsync(work.Run, work.Step, cancellationToken)
            : activities.PlanStepAsync(work.Run, work.Step, cancellationToken);

    [Function(SplitGroup)]
    public Task<ActivityOutcome> Split([ActivityTrigger] GroupWork work, CancellationToken cancellationToken) =>
        activities.SplitGroupAsync(work.Run, work.Step, work.Group, cancellationToken);

    [Function(TakeTurn)]
    public Task<TurnOutcome> Turn([ActivityTrigger] string run, CancellationToken cancellationToken) => activities.TakeTurnAsync(run, cancellationToken);

    [Function(StopStep)]
    public Task<bool> Stop([ActivityTrigger] StepWork work, CancellationToken cancellationToken) =>
        activities.TryStopStepAsync(work.Run, work.Step, cancellationToken);

    [Function(RunGroup)]
    public Task<ActivityOutcome> Group([ActivityTrigger] GroupWork work, CancellationToken cancellationToken) =>
        activities.RunGroupAsync(work.Run, work.Step, work.Group, cancellationToken);

    [Function(CommitStep)]
    public Task<ActivityOutcome> Commit([ActivityTrigger] StepWork work, CancellationToken cancellationToken) =>
        activities.CommitStepAsync(work.Run, work.Step, cancellationToken);

    [Function(End)]
    public async Task EndRun([ActivityTrigger] RunEnd end, [DurableClient] DurableTaskClient client, CancellationToken cancellationToken)
    {
        await activities.EndAsync(end.Run, end.Error, cancellationToken);
        await ending.SettleAsync(client, end.Run, cancellationToken);
    }
}
