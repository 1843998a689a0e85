using DataPlatform.Failures;
using DataPlatform.Operations;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Processing;

/// <summary>
/// The activities of a pipeline's run. Each can be repeated at any time with the same outcome. A <see cref="TerminalException"/> becomes part of
/// the outcome, because hosts pass on an exception's text only; all else is thrown as a <see cref="TransientException"/> with a text for
/// callers, and the orchestration tries again.
/// </summary>
public sealed class PipelineActivities(
    RunStarter starter,
    StepPlanner planner,
    GroupRunner groups,
    StepCommitter committer,
    RunFinisher finisher,
    ILogger<PipelineActivities> logger)
{
    private const int MaxMessage = 4000;

    public Task<RunBegun> BeginAsync(string run, CancellationToken cancellationToken) => AttemptAsync(
        run,
        async () =>
        {
            var plan = await starter.BeginAsync(run, cancellationToken);
            return new RunBegun(plan?.Pipeline.Steps.Count ?? 0, HasEnded: plan is null, Error: null);
        },
        failure => new RunBegun(0, HasEnded: false, failure));

    public Task<StepPlanned> PlanStepAsync(string run, int step, CancellationToken cancellationToken) => AttemptAsync(
        run,
        async () =>
        {
            var plan = await planner.PlanAsync(run, step, cancellationToken);
            FaultPoint.Pass("after-plan");
            return new StepPlanned(plan.Groups.Count, Error: null);
        },
        failure => new StepPlanned(0, failure));

    public Task<ActivityOutcome> RunGroupAsync(string run, int step, int group, CancellationToken cancellationToken) => AttemptAsync(
        run,
        async () =>
        {
            await groups.RunAsync(run, step, group, cancellationToken);
            return new ActivityOutcome(Error: null);
        },
        failure => new ActivityOutcome(failure));

    public Task<ActivityOutcome> CommitStepAsync(string run, int step, CancellationToken cancellationToken) => AttemptAsync(
        run,
        async () =>
        {
            await committer.CommitAsync(run, step, cancellationToken);
            return new ActivityOutcome(Error: null);
        },
        failure => new ActivityOutcome(failure));

    /// <param name="error">Why the run failed; null when it did not.</param>
    public Task EndAsync(string run, RunFailure? error, CancellationToken cancellationToken) => finisher.EndAsync(run, error, cancellationToken);

    private async Task<T> AttemptAsync<T>(string run, Func<Task<T>> work, Func<RunFailure, T> failed)
    {
        try
        {
            return await work();
        }
        catch (TerminalException exception)
        {
            Log.RunFails(logger, run, exception.Code, exception);
            return failed(FailureOf(exception));
        }
        catch (Exception exception) when (exception is not (TransientException or OperationCanceledException))
        {
            Log.ActivityFailed(logger, run, exception);
            throw new TransientException("The platform failed while it worked on the run; its log has the details.", exception);
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
