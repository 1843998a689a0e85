using Microsoft.DurableTask;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Local.Runtime.Durable;

/// <summary>Leases activities, runs them, keeps the leases alive and hands the results over.</summary>
internal sealed class ActivityPump(
    DurableStore store,
    TaskRegistry registry,
    DataConverter converter,
    TurnPump turns,
    TurnRunner runner,
    HeldActivities held,
    WakeUp wakeUp,
    DurableOptions options,
    TimeProvider time,
    ILogger logger)
{
    public void Start(Owner owner) => held.Start(owner, StartNext);

    public async Task Run(Owner owner, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            bool more = false;
            try
            {
                if (held.MayHaveMore) more = await Claim(owner.Id);
            }
            catch (Exception exception)
            {
                Log.LoopBroken(logger, exception, "activity");
            }

            if (!more) await wakeUp.Wait(options.PollInterval, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Renews the leases at a third of their length.</summary>
    public async Task RenewLeases(CancellationToken cancellationToken)
    {
        using PeriodicTimer timer = new(options.ActivityLease / 3, time);
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                if (!await timer.WaitForNextTickAsync(cancellationToken)) return;
                IReadOnlyList<RunningActivity> all = held.All;
                if (all.Count == 0) continue;
                DateTimeOffset until = time.GetUtcNow() + options.ActivityLease;
                RunningActivity[] lost = await store.Write(session =>
                    all.Where(one => !ActivityTable.Renew(session, one.Work, until)).ToArray());
                held.Lost(lost);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception exception)
            {
                Log.LoopBroken(logger, exception, "lease");
            }
        }
    }

    private async Task<bool> Claim(string owner)
    {
        int free = held.Reserve(int.MaxValue);
        if (free == 0) return false;
        List<ActivityWork> claimed = [];
        try
        {
            DateTimeOffset now = time.GetUtcNow(), until = now + options.ActivityLease;
            held.NoMore();
            if (!store.Read(session => ActivityTable.AnyFree(session, now))) return false;
            claimed = await store.Write(session =>
            {
                // After a pause, what still runs here comes before the renewal; it must not be claimed as if somebody else had lost it.
                if (ActivityTable.AnyExpired(session, owner, now))
                {
                    foreach (RunningActivity one in held.All) ActivityTable.Renew(session, one.Work, until);
                }

                return ActivityTable.Claim(session, owner, now, until, free);
            });
            if (claimed.Count == free) held.LookForMore();
        }
        finally
        {
            held.Take(free, claimed);
        }

        return claimed.Count == free;
    }

    private void StartNext()
    {
        while (held.TryStart(out RunningActivity? one)) _ = Task.Run(() => Process(one));
    }

    private async Task Process(RunningActivity one)
    {
        HistoryEvent? result = null;
        try
        {
            result = await Execute(one);
        }
        finally
        {
            held.Executed();
        }

        try
        {
            await Deliver(one.Work, result);
        }
        catch (Exception exception)
        {
            held.Done(one.Work);
            Log.ResultNotStored(logger, exception, one.Work.Name, one.Work.TaskId, one.Work.InstanceId);
        }
        finally
        {
            held.Delivered();
        }
    }

    private async Task Deliver(ActivityWork work, HistoryEvent? result)
    {
        if (result is null)
        {
            held.Done(work);
            return;
        }

        ActivityResult delivery = new(work, result);
        if (turns.Deliver(delivery)) return;
        await runner.Store([delivery]);
        turns.Signal(work.InstanceId);
    }

    /// <returns>Null when the activity was interrupted and will run again.</returns>
    private async Task<HistoryEvent?> Execute(RunningActivity one)
    {
        ActivityWork work = one.Work;
        if (work.Deliveries > 1) Log.Redelivered(logger, work.Name, work.TaskId, work.InstanceId, work.Deliveries);
        if (work.Unreadable is { } why) return Failed(work, TaskFailures.Unreadable(why));
        if (work.Deaths >= options.MaxDeaths) return Failed(work, TaskFailures.DiedInActivity(work));
        if (!registry.TryGetActivity(work.Name, out Activity? activity))
            return Failed(work, TaskFailures.NoActivity(work.Name, registry.Activities));
        if (work.Deaths >= Backoff.FreeDeaths && !await Begin(work)) return null;
        try
        {
            object? value = await activity(new ActivityContext(work, converter), one.Token);
            string? data = Payload.Check(converter.Serialize(value), options.MaxPayloadBytes, $"result of activity '{work.Name}'");
            return new HistoryEvent(HistoryEventKind.TaskCompleted, time.GetUtcNow()) { TaskId = work.TaskId, Payload = data };
        }
        catch (Exception exception) when (one.Token.IsCancellationRequested)
        {
            // Told to stop, code may fail in other ways than by OperationCanceledException; that is no failure of the work.
            Log.ActivityInterrupted(logger, exception, work.Name, work.TaskId, work.InstanceId);
            return null;
        }
        catch (Exception exception)
        {
            Log.ActivityFailed(logger, exception, work.Name, work.TaskId, work.InstanceId);
            TaskFailureDetails failure = TaskFailureDetails.FromException(exception);
            return Failed(work, options.HideErrorTypes ? failure with { ErrorType = "(unknown)", InnerFailure = null } : failure);
        }
    }

    private async Task<bool> Begin(ActivityWork work)
    {
        try
        {
            return await store.Write(session => ActivityTable.Begin(session, work));
        }
        catch (Exception exception)
        {
            // Whoever has the lease next tries again.
            Log.LoopBroken(logger, exception, "activity");
            return false;
        }
    }

    private HistoryEvent Failed(ActivityWork work, TaskFailureDetails failure) =>
        new(HistoryEventKind.TaskFailed, time.GetUtcNow()) { TaskId = work.TaskId, Failure = failure };
}
