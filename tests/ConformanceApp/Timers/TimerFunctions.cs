using System.Globalization;
using DataPlatform.ConformanceApp.Observing;
using Microsoft.Azure.Functions.Worker;

namespace DataPlatform.ConformanceApp.Timers;

/// <summary>Timers note each run under their own name.</summary>
public sealed class TimerFunctions(Observations observations, TimeProvider clock)
{
    /// <summary>Its schedule stays below a minute, so it has no kept status.</summary>
    [Function("timers_often")]
    public void Often([TimerTrigger("*/2 * * * * *")] TimerInfo timer) =>
        observations.Add("timers_often", timer.ScheduleStatus is null ? "unmonitored" : "monitored");

    [Function("timers_at_start")]
    public void AtStart([TimerTrigger("0 0 0 1 1 *", RunOnStartup = true)] TimerInfo timer) => observations.Add(
        "timers_at_start",
        string.Create(CultureInfo.InvariantCulture, $"{timer.IsPastDue} {timer.ScheduleStatus?.Next:o} {timer.ScheduleStatus?.Last:o}"));

    [Function("timers_unmonitored")]
    public void Unmonitored([TimerTrigger("0 0 0 1 1 *", RunOnStartup = true, UseMonitor = false)] TimerInfo timer) =>
        observations.Add("timers_unmonitored", timer.ScheduleStatus is null ? "unmonitored" : "monitored");

    [Function("timers_fixed_retry"), FixedDelayRetry(2, "00:00:01")]
    public void FixedRetry([TimerTrigger("0 0 0 1 1 *", RunOnStartup = true)] TimerInfo timer, FunctionContext context)
    {
        observations.Add("timers_fixed_retry", string.Create(CultureInfo.InvariantCulture, $"{context.RetryContext?.RetryCount}"));
        throw new InvalidOperationException("It never works.");
    }

    [Function("timers_backoff_retry"), ExponentialBackoffRetry(3, "00:00:01", "00:00:02")]
    public void BackoffRetry([TimerTrigger("0 0 0 1 1 *", RunOnStartup = true)] TimerInfo timer, FunctionContext context)
    {
        if (observations.Add("timers_backoff_retry", string.Create(CultureInfo.InvariantCulture, $"{context.RetryContext?.RetryCount}")) < 3)
            throw new InvalidOperationException("It works the third time.");
    }

    /// <summary>Due every second, and longer than that: a run waits for the one before.</summary>
    [Function("timers_long")]
    public async Task Long([TimerTrigger("* * * * * *")] TimerInfo timer, CancellationToken cancellationToken)
    {
        observations.Add("timers_long", "began");
        await Task.Delay(TimeSpan.FromSeconds(1.5), clock, cancellationToken);
        observations.Add("timers_long", "ended");
    }
}
