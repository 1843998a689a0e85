using System.Globalization;
using DataPlatform.Ingestion.Values;

namespace DataPlatform.Ingestion.Expressions;

/// <summary>Calendar arithmetic. Moments outside the years 1 to 9999 are out of range.</summary>
internal static class DateFunctions
{
    public static readonly IReadOnlyList<string> Parts =
    [
        "year", "quarter", "month", "week", "day", "hour", "minute", "second", "millisecond", "microsecond", "dow", "isodow", "doy", "epoch",
    ];

    public static readonly IReadOnlyList<string> Differences = ["year", "quarter", "month", "day", "hour", "minute", "second"];

    public static readonly IReadOnlyList<string> Truncations = ["year", "quarter", "month", "week", "day", "hour", "minute", "second"];

    public static long DayOf(long micros) => (long)Math.Floor(micros / (decimal)DateText.MicrosPerDay);

    public static string FormatDate(long days) => Date(days).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    public static string FormatTimestamp(long micros)
    {
        var text = Moment(micros).ToString("yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture).TrimEnd('0');
        return text.TrimEnd('.');
    }

    public static bool IsDay(long days) => days is >= -DateText.UnixEpochDay and <= DateText.LastDay;

    public static bool IsMoment(long micros) => micros is >= DateText.FirstMicros and <= DateText.LastMicros;

    public static bool TryAdd(long micros, TimeSpanParts interval, RowFault fault, out long result)
    {
        result = 0;
        var moment = Moment(micros);
        var months = ((moment.Year - 1) * 12L) + moment.Month - 1 + interval.Months;
        if (months is < 0 or >= 9999 * 12)
            return fault.Set(RowFault.OutOfRange);
        var (year, month) = ((int)(months / 12) + 1, (int)(months % 12) + 1);
        var shifted = new DateTime(year, month, Math.Min(moment.Day, DateTime.DaysInMonth(year, month)), 0, 0, 0, DateTimeKind.Unspecified);
        var sum = (Int128)((shifted - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond) + (micros - (DayOf(micros) * DateText.MicrosPerDay))
            + ((Int128)interval.Days * DateText.MicrosPerDay) + interval.Micros;
        if (sum < DateText.FirstMicros || sum > DateText.LastMicros)
            return fault.Set(RowFault.OutOfRange);
        result = (long)sum;
        return true;
    }

    /// <summary>Of one of <see cref="Truncations"/>.</summary>
    public static long Truncate(string part, long micros)
    {
        var moment = Moment(micros);
        var start = part switch
        {
            "year" => new DateTime(moment.Year, 1, 1, 0, 0, 0, DateTimeKind.Unspecified),
            "quarter" => new DateTime(moment.Year, ((moment.Month - 1) / 3 * 3) + 1, 1, 0, 0, 0, DateTimeKind.Unspecified),
            "month" => new DateTime(moment.Year, moment.Month, 1, 0, 0, 0, DateTimeKind.Unspecified),
            "week" => moment.Date.AddDays(-Math.Min(((int)moment.DayOfWeek + 6) % 7, (moment.Date - DateTime.MinValue).Days)),
            "day" => moment.Date,
            "hour" => moment.Date.AddHours(moment.Hour),
            "minute" => moment.Date.AddMinutes((moment.Hour * 60) + moment.Minute),
            _ => moment.Date.AddSeconds((((moment.Hour * 60) + moment.Minute) * 60) + moment.Second),
        };
        return (start - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
    }

    /// <summary>Of one of <see cref="Parts"/> but <c>epoch</c>.</summary>
    public static long Part(string part, long micros)
    {
        var moment = Moment(micros);
        return part switch
        {
            "year" => moment.Year,
            "quarter" => ((moment.Month - 1) / 3) + 1,
            "month" => moment.Month,
            "week" => ISOWeek.GetWeekOfYear(moment),
            "day" => moment.Day,
            "hour" => moment.Hour,
            "minute" => moment.Minute,
            "second" => moment.Second,
            "millisecond" => (moment.Second * 1000L) + moment.Millisecond,
            "microsecond" => (moment.Second * 1_000_000L) + (moment.Ticks % TimeSpan.TicksPerSecond / TimeSpan.TicksPerMicrosecond),
            "dow" => (int)moment.DayOfWeek,
            "isodow" => moment.DayOfWeek == DayOfWeek.Sunday ? 7 : (int)moment.DayOfWeek,
            _ => moment.DayOfYear,
        };
    }

    /// <summary>How many borders of one of <see cref="Differences"/> lie between two moments.</summary>
    public static long Difference(string part, long from, long to)
    {
        var (start, end) = (Moment(from), Moment(to));
        return part switch
        {
            "year" => end.Year - start.Year,
            "quarter" => (((end.Year * 12) + end.Month - 1) / 3) - (((start.Year * 12) + start.Month - 1) / 3),
            "month" => ((end.Year - start.Year) * 12) + end.Month - start.Month,
            "day" => DayOf(to) - DayOf(from),
            "hour" => (Truncate(part, to) - Truncate(part, from)) / (3600 * DateText.MicrosPerSecond),
            "minute" => (Truncate(part, to) - Truncate(part, from)) / (60 * DateText.MicrosPerSecond),
            _ => (Truncate(part, to) - Truncate(part, from)) / DateText.MicrosPerSecond,
        };
    }

    private static DateTime Date(long days) => DateTime.UnixEpoch.AddDays(days);

    private static DateTime Moment(long micros) => DateTime.SpecifyKind(DateTime.UnixEpoch.AddTicks(micros * TimeSpan.TicksPerMicrosecond), DateTimeKind.Unspecified);
}
