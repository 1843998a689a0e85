using DataPlatform.Failures;
using DataPlatform.Operations;

namespace DataPlatform.Processing;

/// <summary>The activities of a pipeline's run. Each can be repeated at any time with the same outcome.</summary>
public sealed class PipelineActivities(
    RunStarter starter,
    StepPlanner planner,
    GroupRunner groups,
    StepCommitter committer,
    RunFinisher finisher,
    RunCancellation cancellation,
    ActivityAttempt attempt)
{
    public Task<RunBegun> BeginAsync(string run, CancellationToken cancellationToken) => attempt.RunAsync(
        run,
        async () =>
        {
            var plan = await starter.BeginAsync(run, cancellationToken);
            return new RunBegun(plan?.Pipeline.Steps.Count ?? 0, NothingToDo: plan is null, Error: null);
        },
        failure => new RunBegun(0, NothingToDo: false, failure),
        "the beginning");

    public Task<StepPlanned> PlanStepAsync(string run, int step, CancellationToken cancellationToken) => attempt.RunAsync(
        run,
        async () =>
        {
            await cancellation.EnsureWantedAsync(run, cancellationToken);
            var plan = await planner.PlanAsync(run, step, cancellationToken);
            FaultPoint.Pass("after-plan");
            return new StepPlanned(plan.Groups.Count, Error: null);
        },
        failure => new StepPlanned(0, failure),
        $"planning step {step + 1}");

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
            await cancellation.BeginCommitAsync(run, step, cancellationToken);
            await committer.CommitAsync(run, step, cancellationToken);
            return new ActivityOutcome(Error: null);
        },
        failure => new ActivityOutcome(failure),
        $"the commit of step {step + 1}");

    /// <param name="error">Why the run failed; null when it did not.</param>
    public Task EndAsync(string run, RunFailure? error, CancellationToken cancellationToken) => finisher.EndAsync(run, error, cancellationToken);
}
