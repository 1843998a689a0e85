using Microsoft.Extensions.Logging;

namespace DataPlatform.Local.Runtime.Durable;

/// <summary>Wakes instances whose timers are due, and those that another process left with unread messages.</summary>
internal sealed class DuePump(DurableStore store, TurnPump turns, DurableOptions options, TimeProvider time, ILogger logger)
{
    private readonly WakeUp _wakeUp = new(time);
    private readonly Lock _gate = new();
    private DateTimeOffset _next = DateTimeOffset.MaxValue;

    public void Schedule(DateTimeOffset due)
    {
        lock (_gate)
        {
            if (due >= _next) return;
            _next = due;
        }

        _wakeUp.Raise();
    }

    public async Task Run(Owner owner, CancellationToken cancellationToken)
    {
        bool first = true;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await Look(owner, first);
                first = false;
            }
            catch (Exception exception)
            {
                Log.LoopBroken(logger, exception, "timer");
            }

            DateTimeOffset now = time.GetUtcNow();
            TimeSpan wait;
            lock (_gate) wait = _next - now;
            // A turn may be late by a clock tick: timers never fire early.
            await _wakeUp.Wait(wait < options.PollInterval ? wait : options.PollInterval, cancellationToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task Look(Owner owner, bool first)
    {
        DateTimeOffset now = time.GetUtcNow();
        // At the start whatever is there is ours to take; later others get a moment for their own messages.
        DateTimeOffset othersUntil = first ? now : now - options.PollInterval / 2;
        lock (_gate) _next = DateTimeOffset.MaxValue;
        int freed = await owner.ReleaseDead();
        if (freed > 0)
        {
            Log.TookOver(logger, freed);
            ActivitiesFreed?.Invoke();
        }

        (List<string> due, DateTimeOffset? next) = store.Read(session =>
            (InboxTable.DueInstances(session, owner.Id, now, othersUntil), InboxTable.NextDue(session, now)));
        foreach (string id in due) turns.Signal(id);
        if (next is { } at)
        {
            lock (_gate)
            {
                if (at < _next) _next = at;
            }
        }
    }

    /// <summary>Activities of a dead process can be claimed.</summary>
    public event Action? ActivitiesFreed;
}
