using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Tables;

namespace DataPlatform.Operations;

/// <summary>
/// Takes backfills from slice to slice. What is to be done follows from the rows of the backfill and its runs, so anybody may look at any time, also twice:
/// the end of a slice's run, a request, or the timer after a crash.
/// </summary>
public sealed class BackfillDriver(BackfillStore backfills, RunStore runs, RunCancellation cancellation, DeltaTables tables, TimeProvider clock)
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
    /// <returns>Runs to be scheduled, or to be told that it may be their turn; none when there is nothing to do.</returns>
    public async Task<IReadOnlyList<Run>> AdvanceAsync(string id, CancellationToken cancellationToken)
    {
        var backfill = await backfills.GetAsync(id, cancellationToken);
        while (!backfill.HasEnded && backfill.SlicesDone < backfill.Slices.Count)
        {
            var slice = backfill.SlicesDone;
            var first = await runs.FindAsync(backfill.RunOf(slice), cancellationToken);
            if (first is { HasEnded: false } && backfill.CancelRequested is { } wish)
                first = await CancelAsync(first, wish.Caller, cancellationToken);
            if (first is { HasEnded: false } || (first is null && backfill.CancelRequested is null))
                return await FillAsync(backfill, first, cancellationToken);
            if (first?.Status == RunStatus.Succeeded)
            {
                backfill = await backfills.UpdateAsync(id, current => Done(current, slice), cancellationToken);
                continue;
            }

            // Those behind it were staged from where it would have come to: they cannot be committed any more.
            await CancelBehindAsync(backfill, slice, cancellationToken);
            backfill = await EndAsync(id, first, cancellationToken);
        }

        if (!backfill.HasEnded)
            await backfills.UpdateAsync(id, current => current.HasEnded ? current : current with { Status = RunStatus.Succeeded, Ended = clock.GetUtcNow() }, cancellationToken);
        await backfills.CloseAsync(id, cancellationToken);
        return [];
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
                next.AddRange(await AdvanceAsync(open.Id, cancellationToken));
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

    /// <summary>Stores the runs of the slices that may be under way, in their order: the tables they pin are no older than those of the slices before.</summary>
    /// <param name="first">The run of the first slice that is not done, when it is there.</param>
    private async Task<IReadOnlyList<Run>> FillAsync(Backfill backfill, Run? first, CancellationToken cancellationToken)
    {
        List<Run> next = [];
        if (first is { Status: RunStatus.Running, Waits: true })
            next.Add(first);
        if (backfill.CancelRequested is not null)
            return next;

        var current = backfill.RunOf(backfill.SlicesDone);
        if (backfill.Run != current)
            await backfills.UpdateAsync(backfill.Id, known => known.HasEnded ? known : known with { Status = RunStatus.Running, Run = current }, cancellationToken);
        var most = backfill.SlicesDone == 0 ? 1 : backfill.Parallelism;
        for (var slice = backfill.SlicesDone; slice < Math.Min(backfill.Slices.Count, backfill.SlicesDone + most); slice++)
        {
            var id = backfill.RunOf(slice);
            if (await runs.FindAsync(id, cancellationToken) is not null)
                continue;
            var request = await RequestAsync(backfill, slice, cancellationToken);
            if (await runs.TryCreateAsync(request, new RunTrigger { Backfill = new BackfillPart(backfill.Id, slice) }, id, cancellationToken) is { } run)
                next.Add(run);
        }

        return next;
    }

    private async Task CancelBehindAsync(Backfill backfill, int slice, CancellationToken cancellationToken)
    {
        for (var behind = slice + 1; behind < Math.Min(backfill.Slices.Count, slice + backfill.Parallelism); behind++)
        {
            if (await runs.FindAsync(backfill.RunOf(behind), cancellationToken) is { HasEnded: false } run)
                await CancelAsync(run, backfill.CancelRequested?.Caller ?? backfill.Id, cancellationToken);
        }
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

    private async Task<RunRequest> RequestAsync(Backfill backfill, int index, CancellationToken cancellationToken)
    {
        var slice = backfill.Slices[index];
        var request = new RunRequest(RunKind.Pipeline, backfill.Pipeline, backfill.DefinitionVersion, backfill.Caller) { Concurrency = RunConcurrency.Queue };
        var pins = new Dictionary<string, long> { [backfill.Source] = slice.UpTo };
        if (backfill.Parallelism == 1)
            return request with { PinAt = pins };

        foreach (var table in backfill.Whole)
        {
            if (await tables.Get(table).TryGetSnapshotAsync(version: null, cancellationToken) is { } snapshot)
                pins[table.Name] = snapshot.Version;
        }

        return request with { PinAt = pins, ReadAfter = new Dictionary<string, long> { [backfill.Source] = slice.After } };
    }
}
