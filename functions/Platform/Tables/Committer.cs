using System.Diagnostics;
using DataPlatform.Failures;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Tables;

/// <summary>
/// The one writer of a table's log in this process. Changes that wait while a commit is under way share the next one. Whether a change
/// landed is always read from the log: a lost answer neither loses nor doubles it.
/// </summary>
internal sealed class Committer(DeltaLog log, TableHistory history, TimeProvider clock, ILogger logger, LogUpkeep? upkeep = null)
{
    private const int MostChanges = 500;
    private const int MostFiles = 5_000;
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan ForgetWritersAfter = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);

    private readonly Lock _gate = new();
    private readonly List<PendingChange> _waiting = [];
    private readonly Contention _contention = new();
    private readonly string _writer = Guid.NewGuid().ToString("n")[..12];
    private bool _running;
    private long _lastWin;

    /// <summary>How long a change is tried before its caller is told that the table is too busy or the store does not answer.</summary>
    public TimeSpan GiveUpAfter { get; init; } = TimeSpan.FromSeconds(60);

    public async Task<Commit> CommitAsync(TableChange change, CancellationToken cancellationToken)
    {
        var pending = new PendingChange(log.Table, change, cancellationToken);
        lock (_gate)
        {
            _waiting.Add(pending);
            if (!_running)
            {
                _running = true;
                _ = Task.Run(RunAsync, CancellationToken.None);
            }
        }

        // Once an attempt is under way the caller waits for its outcome: "canceled" must not hide a commit.
        await using var withdrawal = cancellationToken.Register(() => Withdraw(pending));
        return await pending.Outcome;
    }

    private void Withdraw(PendingChange pending)
    {
        lock (_gate)
        {
            if (_waiting.Remove(pending))
                pending.Cancel();
        }
    }

    private async Task RunAsync()
    {
        while (true)
        {
            List<PendingChange> group = [];
            lock (_gate)
            {
                Gather(group);
                if (group.Count == 0)
                {
                    _running = false;
                    return;
                }
            }

            try
            {
                await LandAsync(group);
            }
            catch (Exception failure)
            {
                // Each caller gets it; the loop goes on for those who come next.
                foreach (var pending in group)
                    pending.Fail(failure);
            }
        }
    }

    /// <summary>Moves what can share one commit from the queue into the group. To be called under the gate.</summary>
    private void Gather(List<PendingChange> group)
    {
        var files = group.Sum(pending => pending.Change.Add.Count);
        var batches = group.SelectMany(pending => pending.Change.Batches).Select(batch => batch.Id).ToHashSet(StringComparer.Ordinal);
        _waiting.RemoveAll(pending =>
        {
            if (group.Count > 0 && !(CanShare(group[0], pending) && group.Count < MostChanges && files < MostFiles))
                return false;

            // The same batch a second time waits for the next commit and then finds the first.
            if (pending.Change.Batches.Any(batch => batches.Contains(batch.Id)))
                return false;

            files += pending.Change.Add.Count;
            batches.UnionWith(pending.Change.Batches.Select(batch => batch.Id));
            group.Add(pending);
            return true;
        });
    }

    private static bool CanShare(PendingChange first, PendingChange other) =>
        first.IsBlindAppend
        && other.IsBlindAppend
        && first.Change.Operation == other.Change.Operation
        && first.Change.DataChange == other.Change.DataChange;

    private async Task LandAsync(List<PendingChange> group)
    {
        var state = await history.CurrentAsync(CancellationToken.None);
        if (group.Exists(pending => Math.Max(pending.Change.ReadVersion ?? -1, pending.Change.SinceVersion) > state.Version))
            state = await history.RefreshAsync(CancellationToken.None);

        for (var losses = 0; ; losses++)
        {
            // Others went on meanwhile: an attempt at a version that is taken by now would only be lost too.
            var crowded = await LingerAsync(group, losses);
            var begun = Stopwatch.GetTimestamp();
            if (crowded)
                state = await history.RefreshAsync(CancellationToken.None);
            DropImpatient(group);
            await SearchAsync(group, state);
            if (CommitPlan.TryCreate(state, group, _writer, clock.GetUtcNow()) is not { } plan)
                return;

            var won = await PutAsync(plan);
            state = won ? state : await RefreshAfterAsync(plan);
            if (await FindAsync(plan, won) is { } entry)
            {
                _lastWin = Stopwatch.GetTimestamp();
                _contention.Tried(Stopwatch.GetElapsedTime(begun));
                Log.Committed(logger, log.Table.Name, entry.Version, group.Count);
                upkeep?.Committed(entry.Length);
                foreach (var pending in group)
                    pending.Complete(entry.Commit);
                return;
            }

            _contention.Tried(Stopwatch.GetElapsedTime(begun));
            Log.RaceLost(logger, log.Table.Name, plan.Version, losses + 1);
        }
    }

    /// <summary>Where others write too: waits, so that they get their turns and more changes share the next attempt.</summary>
    /// <returns>Whether others write too.</returns>
    private async Task<bool> LingerAsync(List<PendingChange> group, int losses)
    {
        // What depends on the version it was computed from can only lose by waiting.
        var others = history.CountWriters(_writer, clock.GetUtcNow() - ForgetWritersAfter);
        if (others == 0 || (losses == 0 && !group[0].IsBlindAppend))
            return false;
        var wait = _contention.WaitBefore(others, losses, Stopwatch.GetElapsedTime(_lastWin), Random.Shared.NextDouble());
        if (wait < ShortestWait)
            return true;

        await Task.Delay(wait, CancellationToken.None);
        lock (_gate)
        {
            if (group[0].IsBlindAppend)
                Gather(group);
        }

        return true;
    }

    private void DropImpatient(List<PendingChange> group)
    {
        foreach (var pending in group)
        {
            if (pending.IsCanceled)
                pending.Cancel();
            else if (pending.Waited > GiveUpAfter)
                pending.Fail(new TransientException($"Table '{log.Table}' has too many writers: no turn came in {GiveUpAfter.TotalSeconds:0} s. Nothing was written."));
        }

        group.RemoveAll(pending => pending.IsDone);
    }

    /// <summary>Reads the commits that the changes do not know of: one that holds a change's work completes it, one that a change
    /// conflicts with fails it.</summary>
    private async Task SearchAsync(List<PendingChange> group, TableState state)
    {
        foreach (var pending in group)
            pending.BeginAt(state.Start);
        var searching = group.Where(pending => pending.NeedsSearch).ToList();
        while (searching.Count > 0)
        {
            var after = searching.Min(pending => pending.SearchedTo);
            try
            {
                await foreach (var entry in history.ReadAsync(after, state.Version, CancellationToken.None))
                {
                    foreach (var pending in searching)
                        pending.Search(entry);
                }

                foreach (var pending in searching)
                    pending.EndSearch();
                break;
            }
            catch (TerminalException gone) when (gone.Kind == FailureKind.Gone)
            {
                // Only those that ask back so far cannot be told whether they landed; the others' versions are there.
                foreach (var pending in searching.Where(pending => pending.SearchedTo == after))
                    pending.Fail(gone);
                searching.RemoveAll(pending => pending.IsDone);
            }
        }

        group.RemoveAll(pending => pending.IsDone);
    }

    /// <summary>Puts the commit's file until the store gives an answer: repeating the same bytes under the same name is safe, and
    /// whose they are is seen by <see cref="FindAsync"/>.</summary>
    /// <returns>Whether this put won. False also when an earlier try of it had won and its answer was lost.</returns>
    private async Task<bool> PutAsync(CommitPlan plan)
    {
        var pause = FirstPause;
        var begun = Stopwatch.GetTimestamp();
        for (var tries = 1; ; tries++)
        {
            try
            {
                FaultPoint.Pass("before-commit");
                var won = await log.TryWriteAsync(plan.Version, plan.Content, CancellationToken.None);
                FaultPoint.Pass("after-commit");
                return won;
            }
            catch (Exception failure) when (tries > 1 || failure is not TerminalException)
            {
                if (Stopwatch.GetElapsedTime(begun) > GiveUpAfter || failure is TerminalException)
                    throw OutcomeUnknown(plan, failure);
                Log.OutcomeUnknown(logger, log.Table.Name, plan.Version, tries, failure);
            }

            await DelayAsync(pause);
            pause = Twice(pause);
        }
    }

    /// <summary>Reads on after a put that did not win. One of its tries may have, so a store that does not answer is asked again.</summary>
    private async Task<TableState> RefreshAfterAsync(CommitPlan plan)
    {
        var pause = FirstPause;
        var begun = Stopwatch.GetTimestamp();
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await history.RefreshAsync(CancellationToken.None);
            }
            catch (TransientException failure)
            {
                if (Stopwatch.GetElapsedTime(begun) > GiveUpAfter)
                    throw OutcomeUnknown(plan, failure);
                Log.OutcomeUnknown(logger, log.Table.Name, plan.Version, tries, failure);
            }

            await DelayAsync(pause);
            pause = Twice(pause);
        }
    }

    /// <returns>The plan's commit as the log has it; null when another writer has the version.</returns>
    private async Task<LogEntry?> FindAsync(CommitPlan plan, bool won)
    {
        if (won)
        {
            var own = Protocol.LogReader.Read(log.Table, plan.Version, plan.Content);
            history.Adopt(own);
            return own;
        }

        // The store refused the put and still does not show the version: whose it is remains to be seen.
        if (history.Known.Version < plan.Version)
            return null;

        await foreach (var entry in history.ReadAsync(plan.Version - 1, plan.Version, CancellationToken.None))
        {
            if (entry.AttemptId == plan.AttemptId)
                return entry;
        }

        return null;
    }

    private TransientException OutcomeUnknown(CommitPlan plan, Exception failure) => new(
        $"The store did not say whether version {plan.Version} of table '{log.Table}' was written. Repeat the request with the same "
        + "idempotency key: what landed is found again.",
        failure);

    private static TimeSpan Twice(TimeSpan time) => TimeSpan.FromTicks(Math.Min(time.Ticks * 2, LongestPause.Ticks));

    // Waits in real time, jittered: a test's clock that stands still must not stop writers.
    private static Task DelayAsync(TimeSpan about) => Task.Delay(about * (0.5 + Random.Shared.NextDouble()), CancellationToken.None);
}
