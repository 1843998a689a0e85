using DataPlatform.Local.Runtime.Functions;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Local.Runtime.Timers;

/// <summary>Runs one timer function, one run after the other, in one process at a time.</summary>
internal sealed class TimerLoop(
    FunctionDescriptor function,
    TimerSchedule schedule,
    RetryingInvoker invoker,
    TimerStore store,
    TimeProvider clock,
    ILogger logger)
{
    private static readonly TimeSpan OwnershipPoll = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    private readonly TimerTriggerAttribute _trigger = (TimerTriggerAttribute)function.TriggerAttribute;
    private ScheduleStatus? _status;

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    /// <summary>Runs until stopped; a run in progress is finished first.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            using var ownership = await OwnAsync(stopping);
            await StartAsync(stopping);
            while (schedule.Next(Now) is { } next)
            {
                await WaitUntilAsync(next, stopping);
                await InvokeAsync(isPastDue: false, next, stopping);
            }

            Log.NeverAgain(logger, function.Name, _trigger.Schedule);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The host stops.
        }
        catch (Exception exception)
        {
            Log.LoopFailed(logger, exception, function.Name);
            throw;
        }
    }

    private async Task StartAsync(CancellationToken stopping)
    {
        var now = Now;
        var isPastDue = false;
        if (_trigger.UseMonitor && !schedule.IsBelowOneMinute(now))
        {
            (_status, isPastDue) = PastDue.Check(await store.LoadAsync(function.Name, stopping), schedule, now);
            await store.SaveAsync(function.Name, _status);
        }

        if (isPastDue || _trigger.RunOnStartup)
        {
            await InvokeAsync(isPastDue, now, stopping);
        }
    }

    private async Task InvokeAsync(bool isPastDue, DateTime due, CancellationToken stopping)
    {
        // A timer may fire a little early: counting from the due time keeps it from being due twice.
        var time = Now > due ? Now : due;
        var info = new TimerInfo { IsPastDue = isPastDue, ScheduleStatus = Copy(_status) };
        try
        {
            await invoker.InvokeAsync(new Invocation(function, info), stopping);
        }
        catch (Exception exception)
        {
            Log.RunFailed(logger, exception, function.Name);
        }

        if (_status is not null)
        {
            _status = new ScheduleStatus { Last = time, Next = schedule.Next(time) ?? DateTime.MaxValue, LastUpdated = time };
            await store.SaveAsync(function.Name, _status);
        }
    }

    private async Task<IDisposable> OwnAsync(CancellationToken stopping)
    {
        while (true)
        {
            if (store.TryOwn(function.Name) is { } ownership)
            {
                return ownership;
            }

            Log.OwnedElsewhere(logger, function.Name);
            await Task.Delay(OwnershipPoll, clock, stopping);
        }
    }

    private async Task WaitUntilAsync(DateTime due, CancellationToken stopping)
    {
        for (var left = due - Now; left > TimeSpan.Zero; left = due - Now)
        {
            await Task.Delay(left < LongestWait ? left : LongestWait, clock, stopping);
        }

        stopping.ThrowIfCancellationRequested();
    }

    private static ScheduleStatus? Copy(ScheduleStatus? status) =>
        status is null ? null : new ScheduleStatus { Last = status.Last, Next = status.Next, LastUpdated = status.LastUpdated };
}
