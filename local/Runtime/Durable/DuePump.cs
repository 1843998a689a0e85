using Microsoft.Extensions.Logging;

namespace DataPlatform.Local.Runtime.Durable;

/// <summary>Wakes instances whose timers are due, and those that another process left with unread messages.</summary>
internal sealed class DuePump(
    DurableStore store, TurnPump turns, NextTimer timer, WakeUp activities, DurableOptions options, TimeProvider time, ILogger logger)
{
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

            await timer.Wait(options.PollInterval, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task Look(Owner owner, bool first)
    {
        timer.Forget();
        int freed = await owner.ReleaseDead();
        if (freed > 0)
        {
            Log.TookOver(logger, freed);
            activities.Raise();
        }

        DateTimeOffset now = time.GetUtcNow();
        // At the start whatever is there is ours to take; later others get a moment for their own messages.
        DateTimeOffset othersUntil = first ? now : now - options.PollInterval / 2;
        (List<string> due, DateTimeOffset? next) = store.Read(session =>
            (InboxTable.DueInstances(session, owner.Id, now, othersUntil), InboxTable.NextDue(session, now)));
        foreach (string id in due) turns.Signal(id);
        if (next is { } at) timer.Schedule(at);
    }
}
