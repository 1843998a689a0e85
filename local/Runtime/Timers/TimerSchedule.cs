using System.Globalization;
using DataPlatform.Local.Runtime.Functions;
using Microsoft.Extensions.Configuration;
using NCrontab;

namespace DataPlatform.Local.Runtime.Timers;

/// <summary>When a timer function is due, in UTC: an NCRONTAB expression (six fields, or five without seconds), or a fixed interval.</summary>
internal sealed class TimerSchedule
{
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
        var (text, problem) = SettingReferences.Resolve("schedule", expression, settings);
        if (text is null)
        {
            return (null, problem);
        }

        if (TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var interval))
        {
            return text.Contains(':', StringComparison.Ordinal)
                ? interval > TimeSpan.Zero ? (new TimerSchedule(null, interval), null) : (null, $"its interval '{text}' is not above zero")
                : (null, $"its schedule '{text}' means that many days");
        }

        var fields = text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length;
        return CrontabSchedule.TryParse<(TimerSchedule?, string?)>(
            text,
            new CrontabSchedule.ParseOptions { IncludingSeconds = fields == 6 },
            cron => (new TimerSchedule(cron, default), null),
            error => (null, $"its schedule '{text}' is not a six-field NCRONTAB expression{(fields == 6 ? $" ({error().Message.TrimEnd('.')})" : "")}"));
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

    /// <summary>Whether its status is kept over restarts: not for an interval below a minute, nor for an expression that restricts
    /// nothing but the seconds and is due more than once a minute.</summary>
    public bool IsMonitored(DateTime now)
    {
        if (_cron is null)
        {
            return _interval >= TimeSpan.FromMinutes(1);
        }

        var local = DateTime.SpecifyKind(now, DateTimeKind.Unspecified);
        return _cron.ToString().Split(' ').Skip(1).Any(field => field != "*") ||
            _cron.GetNextOccurrences(local, local.AddMinutes(1)).Take(2).Count() < 2;
    }
}
