using DataPlatform.Catalog;
using DataPlatform.Failures;

namespace DataPlatform.Operations;

/// <summary>
/// Takes backfills from slice to slice. What is to be done follows from the rows of the backfill and its runs, so anybody may look at any time, also twice:
/// the end of a slice's run, a request, or the timer after a crash.
/// </summary>
public sealed class BackfillDriver(BackfillStore backfills, RunStore runs, RunCancellation cancellation, TimeProvider clock)
{
    private static readonly TimeSpan ForgetAfter = TimeSpan.FromMinutes(10);

    /// <summary>Asks a backfill to end: its run is canceled, and no other follows. Again changes nothing.</summary>
    /// <exception cref="TerminalException"><c>BackfillNotFound</c>, <c>BackfillHasEnded</c>.</exception>
    public Task<Backfill> CancelAsync(string id, string caller, CancellationToken cancellationToken)
    {
        var wish = new RunCancel(clock.GetUtcNow(), caller);
        return backfills.UpdateAsync(
            id,
            backfill => backfill.CancelRequested is not null ? backfill
                : backfill.HasEnded ? throw new TerminalException(
                    FailureKind.Conflict, "BackfillHasEnded", $"The backfill has ended already, as '{backfill.Status}': there is nothing to cancel.", "backfill")
                : backfill with { CancelRequested = wish },
            cancellationToken);
    }

    /// <summary>Does what is next.</summary>
    /// <returns>A run to be scheduled; null when there is none.</returns>
    public async Task<Run?> AdvanceAsync(string id, CancellationToken cancellationToken)
    {
        var backfill = await backfills.GetAsync(id, cancellationToken);
        while (!backfill.HasEnded && backfill.SlicesDone < backfill.Slices.Count)
        {
            var slice = backfill.SlicesDone;
            var runId = backfill.RunOf(slice);
            var run = await runs.FindAsync(runId, cancellationToken);
            if (run is null && backfill.CancelRequested is null)
            {
                await backfills.UpdateAsync(id, current => current.HasEnded ? current : current with { Status = RunStatus.Running, Run = runId }, cancellationToken);
                return await runs.TryCreateAsync(RequestOf(backfill, slice), new RunTrigger { Backfill = new BackfillPart(id, slice) }, runId, cancellationToken);
            }

            if (run is { HasEnded: false } && backfill.CancelRequested is { } wish)
                run = await CancelAsync(run, wish.Caller, cancellationToken);
            if (run is { HasEnded: false })
                return null;
            backfill = run?.Status == RunStatus.Succeeded
                ? await backfills.UpdateAsync(id, current => Done(current, slice), cancellationToken)
                : await EndAsync(id, run, cancellationToken);
        }

        if (!backfill.HasEnded)
            await backfills.UpdateAsync(id, current => current.HasEnded ? current : current with { Status = RunStatus.Succeeded, Ended = clock.GetUtcNow() }, cancellationToken);
        await backfills.CloseAsync(id, cancellationToken);
        return null;
    }

    /// <summary>Looks at all that have not ended.</summary>
    /// <returns>Runs to be scheduled.</returns>
    public async Task<IReadOnlyList<Run>> AdvanceOpenAsync(CancellationToken cancellationToken)
    {
        List<Run> next = [];
        foreach (var open in await backfills.ListOpenAsync(cancellationToken))
        {
            try
            {
                if (await AdvanceAsync(open.Id, cancellationToken) is { } run)
                    next.Add(run);
            }
            catch (TerminalException exception) when (exception.Kind == FailureKind.NotFound)
            {
                // Its process ended before it stored the backfill, or is about to.
                if (clock.GetUtcNow() - open.Created > ForgetAfter)
                    await backfills.CloseAsync(open.Id, cancellationToken);
            }
        }

        return next;
    }

    private async Task<Run> CancelAsync(Run run, string caller, CancellationToken cancellationToken)
    {
        try
        {
            return await cancellation.RequestAsync(run.Id, caller, cancellationToken);
        }
        catch (TerminalException ended) when (ended.Code == "RunHasEnded")
        {
            return await runs.GetAsync(run.Id, cancellationToken);
        }
    }

    private Task<Backfill> EndAsync(string id, Run? run, CancellationToken cancellationToken) => backfills.UpdateAsync(
        id,
        current => current.HasEnded ? current : current with
        {
            Status = run is null || run.Status == RunStatus.Canceled ? RunStatus.Canceled : RunStatus.Failed,
            Ended = clock.GetUtcNow(),
            Error = run?.Error ?? new RunFailure(RunCancellation.Code, $"The backfill was canceled by '{current.CancelRequested?.Caller}'."),
        },
        cancellationToken);

    private static Backfill Done(Backfill backfill, int slice) =>
        backfill.SlicesDone != slice ? backfill : backfill with { SlicesDone = slice + 1, RowsDone = backfill.RowsDone + backfill.Slices[slice].Rows };

    private static RunRequest RequestOf(Backfill backfill, int slice) =>
        new(RunKind.Pipeline, backfill.Pipeline, backfill.DefinitionVersion, backfill.Caller)
        {
            Concurrency = RunConcurrency.Queue,
            PinAt = new Dictionary<string, long> { [backfill.Source] = backfill.Slices[slice].UpTo },
        };
}
