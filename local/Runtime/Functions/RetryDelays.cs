using System.Globalization;
using Microsoft.Azure.Functions.Worker;

namespace DataPlatform.Local.Runtime.Functions;

/// <summary>The waits between the tries of a function with a retry attribute.</summary>
internal static class RetryDelays
{
    private const double Jitter = 0.2;

    public static void Check(FunctionDescriptor function, StartErrors errors)
    {
        if (function.Retry is not { } retry)
        {
            return;
        }

        if (retry.MaxRetryCount < -1)
        {
            errors.Add(function.Name, $"its retry count is {retry.MaxRetryCount}", "give 0 or more, or -1 for no end");
        }

        string[] intervals = retry switch
        {
            FixedDelayRetryAttribute fixedDelay => [fixedDelay.DelayInterval],
            ExponentialBackoffRetryAttribute backoff => [backoff.MinimumInterval, backoff.MaximumInterval],
            _ => [],
        };
        foreach (var interval in intervals.Where(i => !TimeSpan.TryParse(i, CultureInfo.InvariantCulture, out var value) || value < TimeSpan.Zero))
        {
            errors.Add(function.Name, $"its retry interval '{interval}' is not a time", "write hh:mm:ss");
        }
    }

    /// <param name="retry">0 before the first retry.</param>
    public static TimeSpan Before(RetryAttribute attribute, int retry) => attribute switch
    {
        FixedDelayRetryAttribute fixedDelay => Parse(fixedDelay.DelayInterval),
        ExponentialBackoffRetryAttribute backoff => Backoff(Parse(backoff.MinimumInterval), Parse(backoff.MaximumInterval), retry),
        _ => TimeSpan.Zero,
    };

    // The minimum doubles with each retry, spread a little so that many failing at once do not come back at once.
    private static TimeSpan Backoff(TimeSpan minimum, TimeSpan maximum, int retry)
    {
        var spread = 1 - Jitter + (2 * Jitter * Random.Shared.NextDouble());
        var milliseconds = minimum.TotalMilliseconds * Math.Pow(2, Math.Min(retry, 60)) * spread;
        return TimeSpan.FromMilliseconds(Math.Clamp(milliseconds, minimum.TotalMilliseconds, Math.Max(minimum.TotalMilliseconds, maximum.TotalMilliseconds)));
    }

    private static TimeSpan Parse(string interval) => TimeSpan.Parse(interval, CultureInfo.InvariantCulture);
}
