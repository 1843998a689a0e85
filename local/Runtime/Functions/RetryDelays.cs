using System.Globalization;
using Microsoft.Azure.Functions.Worker;

namespace DataPlatform.Local.Runtime.Functions;

/// <summary>The waits between the tries of one run of a function with a retry attribute.</summary>
internal sealed class RetryDelays(RetryAttribute attribute)
{
    private const double Jitter = 0.2;
    private int _given;
    private bool _atMaximum;

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
        var wrong = intervals.Where(i => !TimeSpan.TryParse(i, CultureInfo.InvariantCulture, out var value) || value < TimeSpan.Zero).ToList();
        foreach (var interval in wrong)
        {
            errors.Add(function.Name, $"its retry interval '{interval}' is not a time", "write hh:mm:ss");
        }

        if (wrong.Count == 0 && intervals is [var minimum, var maximum] && Parse(minimum) > Parse(maximum))
        {
            errors.Add(function.Name, $"its least retry interval '{minimum}' is above the greatest, '{maximum}'", "exchange them");
        }
    }

    /// <summary>The wait before the next retry.</summary>
    public TimeSpan Next() => attribute switch
    {
        FixedDelayRetryAttribute fixedDelay => Parse(fixedDelay.DelayInterval),
        ExponentialBackoffRetryAttribute backoff => Backoff(Parse(backoff.MinimumInterval), Parse(backoff.MaximumInterval)),
        _ => TimeSpan.Zero,
    };

    // As the official host: the minimum first, then the minimum and about as much again, twice, four times …, each time spread by a fifth so
    // that many failing at once do not come back at once; from the maximum on no spread and no way back.
    private TimeSpan Backoff(TimeSpan minimum, TimeSpan maximum)
    {
        var wait = minimum;
        if (_given > 0)
        {
            var spread = 1 - Jitter + (2 * Jitter * Random.Shared.NextDouble());
            wait = TimeSpan.FromMilliseconds(Math.Min(
                maximum.TotalMilliseconds,
                minimum.TotalMilliseconds * (1 + (spread * Math.Pow(2, Math.Min(_given - 1, 60))))));
        }

        _given++;
        _atMaximum |= wait >= maximum;
        return _atMaximum ? maximum : wait;
    }

    private static TimeSpan Parse(string interval) => TimeSpan.Parse(interval, CultureInfo.InvariantCulture);
}
