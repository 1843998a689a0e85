using System.Collections.Concurrent;
using Microsoft.DurableTask;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Local.Runtime.Durable;

/// <summary>Leases activities, runs them, keeps the leases alive and delivers results.</summary>
internal sealed class ActivityPump(
    DurableStore store,
    TaskRegistry registry,
    DataConverter converter,
    TurnPump turns,
    WakeUp wakeUp,
    DurableOptions options,
    TimeProvider time,
    ILogger logger) : IDisposable
{
    private readonly ConcurrentDictionary<string, RunningActivity> _running = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stopping = new();

    public void Dispose() => _stopping.Dispose();

    public async Task Run(string owner, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            bool more = false;
            try
            {
                int free = options.MaxConcurrentActivities - _running.Count;
                if (free > 0) more = await Claim(owner, free);
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
                RunningActivity[] running = [.. _running.Values];
                if (running.Length == 0) continue;
                DateTimeOffset until = time.GetUtcNow() + options.ActivityLease;
                RunningActivity[] lost = await store.Write(session =>
                    running.Where(one => !ActivityTable.Renew(session, one.Work, until)).ToArray());
                foreach (RunningActivity one in lost) one.Cancel();
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

    /// <summary>Tells running activities to stop and waits for them.</summary>
    public async Task Stop(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        try
        {
            await Task.WhenAll(_running.Values.Select(one => one.Ended)).WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // They had their time. Their leases go back now, and what they still return is rejected by its token.
        }
    }

    private async Task<bool> Claim(string owner, int free)
    {
        DateTimeOffset now = time.GetUtcNow();
        if (!store.Read(session => ActivityTable.AnyFree(session, now))) return false;
        List<ActivityWork> claimed = await store.Write(session =>
            ActivityTable.Claim(session, owner, now, now + options.ActivityLease, free));
        foreach (ActivityWork work in claimed)
        {
            if (work.Deliveries > 1) Log.Redelivered(logger, work.Name, work.TaskId, work.InstanceId, work.Deliveries);
            RunningActivity one = new(work, _stopping.Token);
            _running[work.Token] = one;
            _ = Task.Run(() => Process(one), CancellationToken.None);
        }

        return claimed.Count == free;
    }

    private async Task Process(RunningActivity one)
    {
        try
        {
            if (await Execute(one) is { } result) await Deliver(one.Work, result);
        }
        catch (Exception exception)
        {
            Log.ResultNotStored(logger, exception, one.Work.Name, one.Work.TaskId, one.Work.InstanceId);
        }
        finally
        {
            _running.TryRemove(one.Work.Token, out _);
            one.End();
            wakeUp.Raise();
        }
    }

    /// <returns>Null when the activity was interrupted and will run again.</returns>
    private async Task<HistoryEvent?> Execute(RunningActivity one)
    {
        ActivityWork work = one.Work;
        if (!registry.TryGetActivity(work.Name, out Activity? activity))
            return Failed(work, TaskFailures.NoActivity(work.Name, registry.Activities));
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

    private HistoryEvent Failed(ActivityWork work, TaskFailureDetails failure) =>
        new(HistoryEventKind.TaskFailed, time.GetUtcNow()) { TaskId = work.TaskId, Failure = failure };

    private async Task Deliver(ActivityWork work, HistoryEvent result)
    {
        bool accepted = await store.Write(session => Complete(session, work, result));
        if (accepted) turns.Signal(work.InstanceId);
        else Log.LeaseLost(logger, work.Name, work.TaskId, work.InstanceId);
    }

    private bool Complete(SqliteSession session, ActivityWork work, HistoryEvent result)
    {
        if (!ActivityTable.Complete(session, work)) return false;
        if (InstanceTable.Find(session, work.InstanceId) is { IsFinished: false } instance && instance.ExecutionId == work.ExecutionId)
            InboxTable.Insert(session, work.InstanceId, work.ExecutionId, result, result.At, turns.Owner!);
        return true;
    }
}
