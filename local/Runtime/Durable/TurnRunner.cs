using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Local.Runtime.Durable;

/// <summary>Takes one turn: reads what is new, runs the code, commits.</summary>
internal sealed class TurnRunner(
    DurableStore store,
    TurnExecutor executor,
    TurnLimits limits,
    HeldActivities held,
    InstanceChanges changes,
    NextTimer timer,
    DurableOptions options,
    TimeProvider time,
    ILogger logger)
{
    private Func<int, string> _chooseOwner = _ => string.Empty;
    private Action<string> _signal = _ => { };
    private string _owner = string.Empty;
    private volatile bool _stopping;

    public void Start(Owner owner, Func<int, string> chooseOwner, Action<string> signal)
    {
        _owner = owner.Id;
        _chooseOwner = chooseOwner;
        _signal = signal;
    }

    /// <summary>From now on a store that can't be written is not waited for.</summary>
    public void Stop() => _stopping = true;

    /// <param name="known">The instance after its last turn here; null to read it.</param>
    /// <param name="look">Whether the inbox may hold something.</param>
    /// <param name="results">Of activities of this process.</param>
    /// <param name="codeEnded">Called when the orchestrator's code has run and only the commit is left.</param>
    public async Task<TurnResult> Take(string id, Snapshot? known, bool look, List<ActivityResult> results, Action codeEnded)
    {
        DateTimeOffset now = time.GetUtcNow();
        List<InboxMessage> inbox = [];
        if (known is null || look)
        {
            (known, inbox) = store.Read(session => Load(session, id, known, now));
            if (known is null || known.Row.Owner.Length > 0 && known.Row.Owner != _owner) return await NotOurs(known, results);
            if (known.Row.Owner.Length == 0)
            {
                await store.Write(session => InstanceTable.Claim(session, id, _owner));
                return TurnResult.TryAgain(results);
            }

            if (known.Row.Status == OrchestrationRuntimeStatus.Suspended || known.Row.Trouble?.RetryAt > now)
            {
                // It may take long: the results go to the store, and the inbox waits there.
                await Store(results);
                return TurnResult.Forget;
            }
        }

        Turn turn = Arrange(known, inbox, results, now);
        bool more = inbox.Count == InboxTable.MostAtOnce;
        if (!turn.News.Any()) return await NothingNew(known, turn, results) with { Again = more };
        if (known.History.Count == 0 && turn.News.First().Kind != HistoryEventKind.ExecutionStarted)
        {
            await Store(results);
            return TurnResult.Done(known);
        }

        if (known.Row.Trouble?.Deaths >= Backoff.FreeDeaths) await store.Write(session => TroubleTable.Begin(session, id, _owner));
        TurnOutcome outcome = limits.Refuse(turn) ?? limits.Apply(known, turn, await executor.Run(turn));
        codeEnded();
        TurnResult committed = await Commit(known, turn, outcome, results);
        return committed with { Again = committed.Again || more };
    }

    /// <summary>
    /// Stores results that no turn of this process will play. While the store can't be written, as when the disk is full, they wait:
    /// the work is done, and should not be done again.
    /// </summary>
    public async Task Store(IReadOnlyList<ActivityResult> results)
    {
        if (results.Count == 0) return;
        ActivityResult[] lost = await StoreAtLast(results);
        foreach (ActivityResult result in results) held.Done(result.Work);
        foreach (ActivityResult result in lost) Log.LeaseLost(logger, result.Work.Name, result.Work.TaskId, result.Work.InstanceId);
    }

    /// <summary>A turn that failed in the engine: counted, shown, and tried again later and later.</summary>
    public async Task Broken(string id, Exception exception, List<ActivityResult> results)
    {
        int attempts = 1;
        try
        {
            DateTimeOffset now = time.GetUtcNow();
            attempts = await store.Write(session => TroubleTable.Count(session, id, now, exception.Message));
        }
        catch (Exception second)
        {
            // The store itself does not work. Messages are still in the inbox.
            Log.LoopBroken(logger, second, "turn");
        }

        Log.TurnBroken(logger, exception, id, attempts, Backoff.AfterFailure(attempts).TotalSeconds);
        try
        {
            await Store(results);
        }
        catch (Exception second)
        {
            // The process ends without a store that works: what was delivered runs again.
            Log.LoopBroken(logger, second, "turn");
            foreach (ActivityResult result in results) held.Done(result.Work);
        }
    }

    /// <summary>The code of a turn has not come back in time.</summary>
    public void Overdue(string id)
    {
        Log.TurnOverdue(logger, id, options.TurnLimit.TotalSeconds);
        _ = store.Write(session => TroubleTable.Note(
            session, id, $"A turn has not come back within {options.TurnLimit.TotalSeconds:0} s: the orchestrator blocks or loops without an await."));
    }

    private static (Snapshot? Snapshot, List<InboxMessage> Inbox) Load(SqliteSession session, string id, Snapshot? known, DateTimeOffset now)
    {
        if (InstanceTable.Head(session, id) is not { IsFinished: false } head) return (null, []);
        Snapshot snapshot = known is not null && known.Row.Revision == head.Revision && known.Row.Owner == head.Owner
            && known.Row.ExecutionId == head.ExecutionId
            ? known
            : new Snapshot(InstanceTable.Find(session, id)!, HistoryTable.Read(session, id));
        return (snapshot, InboxTable.Due(session, id, now));
    }

    private static Turn Arrange(Snapshot known, List<InboxMessage> inbox, List<ActivityResult> results, DateTimeOffset now)
    {
        string execution = known.Row.ExecutionId;
        ILookup<bool, InboxMessage> messages = inbox.ToLookup(message => message.ExecutionId is null || message.ExecutionId == execution);
        return new Turn(
            known.Row,
            known.History,
            [.. messages[true]],
            [.. results.Where(result => result.Work.ExecutionId == execution)],
            now)
        {
            Stale = [.. messages[false]],
        };
    }

    private async Task<TurnResult> NotOurs(Snapshot? known, List<ActivityResult> results)
    {
        // Finished or unknown: the rows of its activities are gone, and so nothing is stored. Another's: it finds them in the inbox.
        await Store(results);
        return TurnResult.Forget;
    }

    private async Task<TurnResult> NothingNew(Snapshot known, Turn turn, List<ActivityResult> results)
    {
        // Results of an execution that is over.
        foreach (ActivityResult result in results) held.Done(result.Work);
        if (turn.Stale.Count > 0)
        {
            await store.Write(session =>
            {
                if (InstanceTable.Head(session, known.Row.Id)?.ExecutionId != known.Row.ExecutionId) return;
                foreach (InboxMessage message in turn.Stale) InboxTable.Delete(session, message.Id);
            });
        }

        return TurnResult.Done(known);
    }

    private async Task<TurnResult> Commit(Snapshot known, Turn turn, TurnOutcome outcome, List<ActivityResult> results)
    {
        int reserved = held.Reserve(outcome.Actions.Count(action => action.Kind == HistoryEventKind.TaskScheduled));
        TurnCommit commit = new(turn, outcome)
        {
            Reserved = reserved,
            LeaseUntil = time.GetUtcNow() + options.ActivityLease,
            ChooseOwner = _chooseOwner,
        };
        TurnWakeUps? wakeUps;
        try
        {
            wakeUps = await store.Write(commit.Apply);
        }
        catch (ResultLostException lost)
        {
            held.Take(reserved, []);
            ActivityWork work = lost.Result.Work;
            held.Done(work);
            Log.LeaseLost(logger, work.Name, work.TaskId, work.InstanceId);
            return TurnResult.TryAgain([.. results.Where(result => result != lost.Result)]);
        }
        catch
        {
            held.Take(reserved, []);
            throw;
        }

        held.Take(reserved, wakeUps?.Claimed ?? []);
        if (wakeUps is null) return TurnResult.TryAgain(results);

        foreach (ActivityResult result in results) held.Done(result.Work);
        if (wakeUps.MoreActivities) held.LookForMore();
        if (wakeUps.NextTimer is { } due) timer.Schedule(due);
        if (wakeUps.Row.Status != known.Row.Status) changes.Changed(turn.Instance.Id);
        bool finished = wakeUps.Row.IsFinished;
        if (!finished) known.Committed(wakeUps);
        foreach (string woken in wakeUps.Instances) _signal(woken);
        return TurnResult.Done(finished ? null : known);
    }

    /// <returns>Those that don't count, as the activity belongs to somebody else by now.</returns>
    private async Task<ActivityResult[]> StoreAtLast(IReadOnlyList<ActivityResult> results)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return await store.Write(session => results.Where(result => !StoreResult(session, result)).ToArray());
            }
            catch (Exception exception) when (!_stopping && exception is not ObjectDisposedException)
            {
                TimeSpan wait = Backoff.AfterFailure(Math.Min(attempt, 3));
                Log.ResultsWait(logger, exception, results.Count, results[0].Work.InstanceId, wait.TotalSeconds);
                await Task.Delay(wait, time);
            }
        }
    }

    private static bool StoreResult(SqliteSession session, ActivityResult result)
    {
        if (!ActivityTable.Complete(session, result.Work)) return false;
        InstanceEnd.Answer(session, result.Work.InstanceId, result.Work.ExecutionId, result.Event);
        return true;
    }
}
