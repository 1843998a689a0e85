using DataPlatform.Failures;

namespace DataPlatform.Operations;

/// <summary>Ends a run. One whose steps were all done when somebody wanted it to end has succeeded.</summary>
public sealed class RunFinisher(RunStore runs, TimeProvider clock)
{
    /// <summary>The run as ended when its last step has: whoever waits need not wait for what follows from that.</summary>
    internal static Run WhenDone(Run run, DateTimeOffset now) =>
        run.HasEnded || run.Status != RunStatus.Running || run.Steps.Any(step => step.Status is not (RunStatus.Succeeded or RunStatus.Skipped))
            ? run
            : run with { Status = RunStatus.Succeeded, Ended = now };

    /// <param name="error">Null when all steps are done.</param>
    public async Task EndAsync(string runId, RunFailure? error, CancellationToken cancellationToken)
    {
        FaultPoint.Pass("before-finish");
        var now = clock.GetUtcNow();
        await runs.UpdateAsync(
            runId,
            run => run.HasEnded ? run : error?.Code == RunCancellation.Code ? RunCancellation.Canceled(run, now) : run with
            {
                Status = error is null ? RunStatus.Succeeded : RunStatus.Failed,
                Ended = now,
                Error = error,
                Steps = [.. run.Steps.Select(step => step.Status == RunStatus.Running ? step with { Status = RunStatus.Failed, Ended = now } : step)],
            },
            cancellationToken);
    }
}
