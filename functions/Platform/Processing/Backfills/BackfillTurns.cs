using DataPlatform.Failures;
using DataPlatform.Operations;

namespace DataPlatform.Processing.Backfills;

/// <summary>Lets the slices of a backfill commit one after another: a slice when all before it have succeeded and no other run of the pipeline is under way.</summary>
public sealed class BackfillTurns(RunStore runs, BackfillStore backfills, RunGate gate, RunCancellation cancellation)
{
    /// <returns>False when it is not its turn yet.</returns>
    /// <exception cref="TerminalException"><c>RunCanceled</c>; <c>BackfillHasEnded</c>: a slice before it did not succeed.</exception>
    public async Task<bool> TryTakeAsync(string runId, CancellationToken cancellationToken)
    {
        await cancellation.EnsureWantedAsync(runId, cancellationToken);
        var run = await runs.GetAsync(runId, cancellationToken);
        if (run.Trigger?.Backfill is not { } part)
            return true;
        var backfill = await backfills.GetAsync(part.Id, cancellationToken);
        if (backfill.HasEnded)
            throw new TerminalException(FailureKind.Conflict, "BackfillHasEnded", $"The backfill '{part.Id}' has ended as '{backfill.Status}' before this slice: begin another one for the rest.", "backfill");
        return backfill.SlicesDone == part.Slice && await gate.TryTakeTurnAsync(run, cancellationToken);
    }
}
