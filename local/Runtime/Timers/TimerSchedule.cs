using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using NCrontab;

namespace DataPlatform.Local.Runtime.Timers;

/// <summary>When a timer function is due, in UTC: an NCRONTAB expression (six fields, or five without seconds), or a fixed interval.</summary>
internal sealed partial class TimerSchedule
{
    private const int Probed = 5;
    private readonly CrontabSchedule? _cron;
    private readonly TimeSpan _interval;

    private TimerSchedule(CrontabSchedule? cron, TimeSpan interval)
    {
        _cron = cron;
        _interval = interval;
    }

    /// <summary>Reads an expression, with <c>%name%</c> standing for a setting.</summary>
    /// <returns>The schedule, or what is wrong.</returns>
    public static (TimerSchedule? Schedule, string? Problem) Parse(string expression, IConfiguration settings)
    {
        var missing = new List<string>();
        var text = Reference().Replace(expression, match =>
        {
            var name = match.Groups["name"].Value;
            if (settings[name] is { } value)
            {
                return value;
            }

            missing.Add(name);
            return match.Value;
        });
        if (missing.Count > 0)
        {
            return (null, $"its schedule '{expression}' names settings that are not there: {string.Join(", ", missing)}");
        }

        if (TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var interval) && text.Contains(':', StringComparison.Ordinal))
        {
            return interval > TimeSpan.Zero ? (new TimerSchedule(null, interval), null) : (null, $"its interval '{text}' is not above zero");
        }

        var fields = text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length;
        var cron = CrontabSchedule.TryParse(text, new CrontabSchedule.ParseOptions { IncludingSeconds = fields == 6 });
        return cron is null ? (null, $"its schedule '{text}' is not a six-field NCRONTAB expression") : (new TimerSchedule(cron, default), null);
    }

    /// <summary>The next time after a time; null when there is none.</summary>
    public DateTime? Next(DateTime after)
    {
        if (_cron is null)
        {
            return after + _interval;
        }

        var next = _cron.GetNextOccurrence(DateTime.SpecifyKind(after, DateTimeKind.Unspecified), DateTime.MaxValue);
        return next == DateTime.MaxValue ? null : DateTime.SpecifyKind(next, DateTimeKind.Utc);
    }

    /// <summary>Whether it is due more than once a minute somewhere in its next times; such schedules are not monitored.</summary>
    public bool IsBelowOneMinute(DateTime now)
    {
        var last = now;
        for (var i = 0; i < Probed && Next(last) is { } next; i++)
        {
            if (i > 0 && next - last < TimeSpan.FromMinutes(1))
            {
                return true;
            }

            last = next;
        }

        return false;
    }

    [GeneratedRegex("%(?<name>[^%]+)%", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Reference();
}
