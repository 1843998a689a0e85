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
    private readonly RepeatedFailures _failures = new();
    private ScheduleStatus _status = new();
    private bool _isMonitored;

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    /// <summary>Runs until stopped; a run in progress is told by its token and waited for.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            using var ownership = await OwnAsync(stopping);
            await StartAsync(stopping);
            while (_status.Next != DateTime.MaxValue)
            {
                await WaitUntilAsync(_status.Next, stopping);
                await InvokeAsync(isPastDue: false, _status.Next, stopping);
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
        _isMonitored = _trigger.UseMonitor && schedule.IsMonitored(now);
        if (_isMonitored)
        {
            (_status, isPastDue) = PastDue.Check(await store.LoadAsync(function.Name, stopping), schedule, now);
            await SaveAsync();
        }
        else
        {
            _status = new ScheduleStatus { Next = schedule.Next(now) ?? DateTime.MaxValue };
        }

        if (isPastDue || _trigger.RunOnStartup)
        {
            await InvokeAsync(isPastDue, now, stopping);
        }
    }

    /// <param name="due">When the run was to be. A timer may fire a little early: counting from here keeps it from being due twice.</param>
    private async Task InvokeAsync(bool isPastDue, DateTime due, CancellationToken stopping)
    {
        var began = Now > due ? Now : due;
        var info = new TimerInfo { IsPastDue = isPastDue, ScheduleStatus = _isMonitored ? Copy(_status) : null };
        try
        {
            await invoker.InvokeAsync(new Invocation(function, info), stopping);
            Succeeded();
        }
        catch (Exception exception)
        {
            Failed(exception);
        }

        // Counted from the begin: a run that took longer than to the next time is followed by another at once, but by one only.
        _status = new ScheduleStatus { Last = began, Next = schedule.Next(began) ?? DateTime.MaxValue, LastUpdated = began };
        if (_isMonitored)
        {
            await SaveAsync();
        }
    }

    /// <summary>A disk that is full for a while must not end the timer: only what is missed while the host is down hangs on the status.</summary>
    private async Task SaveAsync()
    {
        try
        {
            await store.SaveAsync(function.Name, _status);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Log.StatusNotStored(logger, exception, function.Name);
        }
    }

    private void Succeeded()
    {
        if (_failures.Count > 0)
        {
            Log.WorksAgain(logger, function.Name, _failures.Count);
            _failures.Reset();
        }
    }

    private void Failed(Exception exception)
    {
        if (_failures.IsNew(exception))
        {
            Log.RunFailed(logger, exception, function.Name);
        }
        else
        {
            Log.RunFailedAgain(logger, function.Name, exception.GetType().Name, _failures.Count);
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

    private static ScheduleStatus Copy(ScheduleStatus status) => new() { Last = status.Last, Next = status.Next, LastUpdated = status.LastUpdated };
}
