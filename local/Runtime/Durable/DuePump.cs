using Microsoft.Extensions.Logging;

namespace DataPlatform.Local.Runtime.Durable;

/// <summary>
/// Wakes instances whose timers are due, finds what other processes left for this one, and takes over from the dead. Alone it
/// looks once a second; beside others it notices their commits within a fraction of that.
/// </summary>
internal sealed class DuePump(
    DurableStore store, TurnPump turns, NextTimer timer, HeldActivities activities, DurableOptions options, TimeProvider time, ILogger logger)
{
    private long _seen;
    private long _looks;
    private DateTimeOffset _seenDue;
    private DateTimeOffset _next = DateTimeOffset.MaxValue;
    private long _lookedAt;

    /// <summary>How often it has looked for everything.</summary>
    public long Looks => Volatile.Read(ref _looks);

    public async Task Run(Owner owner, CancellationToken cancellationToken)
    {
        bool full = true;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await Look(owner, full);
            }
            catch (Exception exception)
            {
                Log.LoopBroken(logger, exception, "timer");
            }

            TimeSpan wait = owner.Processes > 1 ? options.SharedPollInterval : options.PollInterval;
            await timer.Wait(wait, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            full = time.GetElapsedTime(_lookedAt) >= options.PollInterval;
        }
    }

    /// <param name="full">Whether to look for everything, and not only for what is new.</param>
    private async Task Look(Owner owner, bool full)
    {
        timer.Forget();
        if (full)
        {
            _lookedAt = time.GetTimestamp();
            _seen = -1;
            turns.LendOverduePlaces();
            (int instances, int freed) = await owner.Look();
            if (instances + freed > 0) Log.TookOver(logger, instances, freed);
            await ShareActivities();
        }

        bool changed = store.HasChanged();
        if (changed || full || time.GetUtcNow() >= _next) await Find(owner);
        else timer.Found(_next);
        if (full) Interlocked.Increment(ref _looks);
    }

    private async Task ShareActivities()
    {
        IReadOnlyList<ActivityWork> ahead = activities.LetGoOfAhead();
        if (ahead.Count == 0) return;
        await store.Write(session =>
        {
            foreach (ActivityWork work in ahead) ActivityTable.GiveBack(session, work);
        });
        activities.LookForMore();
    }

    private async Task Find(Owner owner)
    {
        DateTimeOffset now = time.GetUtcNow();
        (List<string> due, DateTimeOffset? next, long last, bool unowned, bool free) = store.Read(session => (
            InboxTable.DueInstances(session, owner.Id, now, _seen, _seenDue),
            InboxTable.NextDue(session, now),
            InboxTable.LastId(session),
            OwnerTable.AnyUnowned(session),
            ActivityTable.AnyFree(session, now)));
        foreach (string id in due) turns.Signal(id);
        _next = next ?? DateTimeOffset.MaxValue;
        timer.Found(_next);
        if (free) activities.LookForMore();
        (_seen, _seenDue) = (last, now);
        if (!unowned) return;
        await owner.ClaimShare();
        _seen = -1;
        timer.Found(_next = now);
    }
}
