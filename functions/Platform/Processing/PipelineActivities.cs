using DataPlatform.Failures;
using DataPlatform.Operations;

namespace DataPlatform.Processing;

/// <summary>
/// The activities of a pipeline's run. Each can be repeated at any time with the same outcome. A <see cref="TerminalException"/> becomes part of
/// the outcome, because hosts pass on an exception's text only; all else is thrown, and the orchestration tries again.
/// </summary>
public sealed class PipelineActivities(
    RunStarter starter, StepPlanner planner, GroupRunner groups, StepCommitter committer, RunFinisher finisher)
{
    private const int MaxMessage = 4000;

    public async Task<RunBegun> BeginAsync(string run, CancellationToken cancellationToken)
    {
        try
        {
            var plan = await starter.BeginAsync(run, cancellationToken);
            return new RunBegun(plan?.Pipeline.Steps.Count ?? 0, HasEnded: plan is null, Error: null);
        }
        catch (TerminalException exception)
        {
            return new RunBegun(0, HasEnded: false, FailureOf(exception));
        }
    }

    public async Task<StepPlanned> PlanStepAsync(string run, int step, CancellationToken cancellationToken)
    {
        try
        {
            var plan = await planner.PlanAsync(run, step, cancellationToken);
            FaultPoint.Pass("after-plan");
            return new StepPlanned(plan.Groups.Count, Error: null);
        }
        catch (TerminalException exception)
        {
            return new StepPlanned(0, FailureOf(exception));
        }
    }

    public Task<ActivityOutcome> RunGroupAsync(string run, int step, int group, CancellationToken cancellationToken) =>
        OutcomeAsync(() => groups.RunAsync(run, step, group, cancellationToken));

    public Task<ActivityOutcome> CommitStepAsync(string run, int step, CancellationToken cancellationToken) =>
        OutcomeAsync(() => committer.CommitAsync(run, step, cancellationToken));

    public Task EndAsync(string run, RunFailure? error, CancellationToken cancellationToken) => finisher.EndAsync(run, error, cancellationToken);

    private static async Task<ActivityOutcome> OutcomeAsync(Func<Task> work)
    {
        try
        {
            await work();
            return new ActivityOutcome(Error: null);
        }
        catch (TerminalException exception)
        {
            return new ActivityOutcome(FailureOf(exception));
        }
    }

    private static RunFailure FailureOf(TerminalException exception)
    {
        var message = exception.Details.Count > 1
            ? string.Join(' ', exception.Details.Select(detail => $"{detail.Target}: {detail.Message}"))
            : exception.Message;
        return new RunFailure(exception.Code, message.Length > MaxMessage ? message[..MaxMessage] + "…" : message, exception.Target);
    }
}
