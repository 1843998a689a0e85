using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Operations;
using DataPlatform.Processing.Backfills;
using Microsoft.Extensions.Options;

namespace DataPlatform.Processing;

/// <summary>The activities of a pipeline's run. Each can be repeated at any time with the same outcome.</summary>
public sealed class PipelineActivities(
    RunStarter starter,
    StepPlanner planner,
    GroupRunner groups,
    StepCommitter committer,
    RunFinisher finisher,
    RunCancellation cancellation,
    ActivityAttempt attempt,
    SplitRunner splits,
    StepStops stops,
    BackfillTurns turns,
    IOptions<PlatformOptions> options)
{
    public Task<RunBegun> BeginAsync(string run, CancellationToken cancellationToken) => attempt.RunAsync(
        run,
        async () =>
        {
            var plan = await starter.BeginAsync(run, cancellationToken);
            return plan is null
                ? new RunBegun(0, NothingToDo: true, Error: null)
                : new RunBegun(
                    plan.Pipeline.Steps.Count,
                    NothingToDo: false,
                    Error: null,
                    plan.Course,
                    [.. plan.Pipeline.Steps.Select(step => new StepPolicy(step.Name, step.Retry ?? RetryDefinition.Default, step.Timeout) { Ahead = plan.IsAhead(step) })]);
        },
        failure => new RunBegun(0, NothingToDo: false, failure),
        "the beginning");

    /// <summary>Begins a run, and does its first step at once when it is small and nothing is asked for it that only an activity of its own can keep.</summary>
    public async Task<RunBegun> StartAsync(string run, CancellationToken cancellationToken)
    {
        var begun = await BeginAsync(run, cancellationToken);
        if (begun is not { Error: null, Steps: > 0, Course: not (1 or RunPlan.AheadCourse), Policies: [{ Timeout: null } first, ..] } || first.Retry != RetryDefinition.Default)
            return begun;
        var step = await StartStepAsync(run, step: 0, cancellationToken);
        return step.Done || step.Error is not null ? begun with { Done = 1, Error = step.Error } : begun;
    }

    public Task<StepPlanned> PlanStepAsync(string run, int step, CancellationToken cancellationToken) => attempt.RunAsync(
        run,
        async () => PlannedOf(await PlanAsync(run, step, cancellationToken)),
        failure => new StepPlanned(0, failure),
        $"planning step {step + 1}");

    /// <summary>Looks whether it is the run's turn to commit what it staged ahead.</summary>
    public Task<TurnOutcome> TakeTurnAsync(string run, CancellationToken cancellationToken) => attempt.RunAsync(
        run,
        async () => new TurnOutcome(await turns.TryTakeAsync(run, cancellationToken)),
        failure => new TurnOutcome(Taken: false, failure),
        "waiting for its turn");

    /// <summary>Plans a step, and does it at once when it is small or there is nothing to do.</summary>
    public async Task<StepPlanned> StartStepAsync(string run, int step, CancellationToken cancellationToken)
    {
        var small = false;
        var planned = await attempt.RunAsync(
            run,
            async () =>
            {
                var plan = await PlanAsync(run, step, cancellationToken);
                small = plan.IsSmall || plan.Skipped is not null;
                return PlannedOf(plan);
            },
            failure => new StepPlanned(0, failure),
            $"planning step {step + 1}");
        if (!small)
            return planned;

        var done = await attempt.RunAsync(
            run,
            async () =>
            {
                GroupResult? staged = null;
                if (planned.Groups > 0)
                    await cancellation.WorkAsync(run, async token => staged = await groups.StageWholeAsync(run, step, token), cancellationToken);
                await CommitAsync(run, step, staged, cancellationToken);
                return new ActivityOutcome(Error: null);
            },
            failure => new ActivityOutcome(failure),
            $"step {step + 1}");
        return planned with { Error = done.Error, Done = true };
    }

    /// <summary>Divides a part of the step's input by keys.</summary>
    public Task<ActivityOutcome> SplitGroupAsync(string run, int step, int group, CancellationToken cancellationToken) => attempt.RunAsync(
        run,
        async () =>
        {
            try
            {
                await cancellation.WorkAsync(run, token => splits.RunAsync(run, step, group, token), cancellationToken);
            }
            finally
            {
                await splits.RemoveLateAsync(run, cancellationToken);
            }

            return new ActivityOutcome(Error: null);
        },
        failure => new ActivityOutcome(failure),
        $"dividing part {group + 1} of step {step + 1}");

    /// <summary>Forbids a step that took too long to commit.</summary>
    /// <returns>False when it has begun to.</returns>
    public Task<bool> TryStopStepAsync(string run, int step, CancellationToken cancellationToken) => stops.TryStopAsync(run, step, cancellationToken);

    public Task<ActivityOutcome> RunGroupAsync(string run, int step, int group, CancellationToken cancellationToken) => attempt.RunAsync(
        run,
        async () =>
        {
            await cancellation.WorkAsync(run, token => groups.RunAsync(run, step, group, token), cancellationToken);
            return new ActivityOutcome(Error: null);
        },
        failure => new ActivityOutcome(failure),
        $"group {group} of step {step + 1}");

    public Task<ActivityOutcome> CommitStepAsync(string run, int step, CancellationToken cancellationToken) => attempt.RunAsync(
        run,
        async () =>
        {
            await CommitAsync(run, step, staged: null, cancellationToken);
            return new ActivityOutcome(Error: null);
        },
        failure => new ActivityOutcome(failure),
        $"the commit of step {step + 1}");

    /// <param name="error">Why the run failed; null when it did not.</param>
    public async Task EndAsync(string run, RunFailure? error, CancellationToken cancellationToken)
    {
        await finisher.EndAsync(run, error, cancellationToken);
        await splits.RemoveAsync(run, cancellationToken);
    }

    private async Task CommitAsync(string run, int step, GroupResult? staged, CancellationToken cancellationToken)
    {
        await cancellation.BeginCommitAsync(run, step, cancellationToken);
        await committer.CommitAsync(run, step, staged, cancellationToken);
    }

    private async Task<StepPlan> PlanAsync(string run, int step, CancellationToken cancellationToken)
    {
        await cancellation.EnsureWantedAsync(run, cancellationToken);
        var plan = await planner.PlanAsync(run, step, cancellationToken);
        FaultPoint.Pass("after-plan");
        return plan;
    }

    private StepPlanned PlannedOf(StepPlan plan) => new(
        plan.Groups.Count, Error: null, plan.Groups.Count == 0 ? 0 : plan.Split?.Groups.Count ?? 0, options.Value.ParallelGroups, options.Value.GroupsPerOrchestration);
}
