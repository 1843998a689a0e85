using System.Diagnostics.CodeAnalysis;

namespace DataPlatform.Ingestion.Values;

/// <summary>ISO 8601 dates and times as bytes. Strict: fixed widths, no blanks, years 0001 to 9999, no leap second, no 24:00.</summary>
internal static class DateText
{
    /// <summary>Days from 0001-01-01 to 1970-01-01.</summary>
    public const int UnixEpochDay = 719_162;

    /// <summary>9999-12-31, in days since 1970-01-01.</summary>
    public const int LastDay = 2_932_896;

    public const long MicrosPerSecond = 1_000_000;
    public const long MicrosPerDay = 86_400 * MicrosPerSecond;

    /// <summary>0001-01-01T00:00, in microseconds since 1970.</summary>
    public const long FirstMicros = -UnixEpochDay * MicrosPerDay;

    /// <summary>The last microsecond of 9999.</summary>
    public const long LastMicros = ((LastDay + 1L) * MicrosPerDay) - 1;

    /// <param name="days">Days since 1970-01-01.</param>
    public static bool TryParseDate(ReadOnlySpan<byte> text, out int days)
    {
        days = 0;
        if (text.Length != 10 || text[4] != '-' || text[7] != '-'
            || !TryDigits(text, 0, 4, out var year) || !TryDigits(text, 5, 2, out var month) || !TryDigits(text, 8, 2, out var day))
        {
            return false;
        }

        return TryDays(year, month, day, out days);
    }

    /// <summary><c>HH:mm</c>, with <c>:ss</c> and up to six digits of a second's fraction behind it.</summary>
    /// <param name="micros">Since midnight.</param>
    /// <param name="length">Bytes read.</param>
    public static bool TryParseTime(ReadOnlySpan<byte> text, out long micros, out int length)
    {
        micros = 0;
        length = 0;
        if (text.Length < 5 || text[2] != ':' || !TryDigits(text, 0, 2, out var hour) || !TryDigits(text, 3, 2, out var minute)
            || hour > 23 || minute > 59)
        {
            return false;
        }

        micros = ((hour * 60L) + minute) * 60 * MicrosPerSecond;
        length = 5;
        if (text.Length < 8 || text[5] != ':')
            return true;
        if (!TryDigits(text, 6, 2, out var second) || second > 59)
            return false;

        micros += second * MicrosPerSecond;
        length = 8;
        if (text.Length == 8 || text[8] != '.')
            return true;

        var scale = 100_000;
        length = 9;
        while (length < text.Length && (uint)(text[length] - '0') <= 9)
        {
            if (length == 15)
                return false; // more than microseconds
            micros += (text[length] - '0') * scale;
            scale /= 10;
            length++;
        }

        return length > 9;
    }

    /// <summary>A date, <c>T</c> or a blank, a time, and <c>Z</c>, <c>±HH:mm</c>, <c>±HHmm</c>, <c>±HH</c> or nothing.</summary>
    /// <param name="micros">Since 1970-01-01T00:00, in UTC when <paramref name="hasOffset"/>, else as the clock showed.</param>
    public static bool TryParseTimestamp(ReadOnlySpan<byte> text, out long micros, out bool hasOffset)
    {
        micros = 0;
        hasOffset = false;
        if (text.Length < 16 || text[10] is not ((byte)'T' or (byte)' ')
            || !TryParseDate(text[..10], out var days) || !TryParseTime(text[11..], out var time, out var length))
        {
            return false;
        }

        micros = (days * MicrosPerDay) + time;
        var rest = text[(11 + length)..];
        if (rest.IsEmpty)
            return true;

        hasOffset = true;
        if (!TryParseOffset(rest, out var offset))
            return false;
        micros -= offset;
        return true;
    }

    /// <summary><c>Z</c>, <c>±HH:mm</c>, <c>±HHmm</c> or <c>±HH</c>, and nothing else.</summary>
    /// <param name="offset">Microseconds that the clock is before UTC.</param>
    public static bool TryParseOffset(ReadOnlySpan<byte> rest, out long offset)
    {
        offset = 0;
        if (rest.Length == 1)
            return rest[0] == 'Z';
        if (rest.IsEmpty || rest[0] is not ((byte)'+' or (byte)'-') || rest.Length is not (3 or 5 or 6) || (rest.Length == 6 && rest[3] != ':')
            || !TryDigits(rest, 1, 2, out var hours))
        {
            return false;
        }

        var minutes = 0;
        if (rest.Length > 3 && !TryDigits(rest, rest.Length - 2, 2, out minutes))
            return false;
        if (hours > 18 || minutes > 59)
            return false;

        offset = ((hours * 60L) + minutes) * 60 * MicrosPerSecond;
        if (rest[0] == '-')
            offset = -offset;
        return true;
    }

    /// <summary>Writes <c>HH:mm:ss</c>, with six digits of the fraction when there is one.</summary>
    [SuppressMessage("Style", "IDE0047", Justification = "Parentheses show the grouping.")]
    public static int FormatTime(long micros, Span<byte> target)
    {
        var seconds = micros / MicrosPerSecond;
        var fraction = micros % MicrosPerSecond;
        Put(target, 0, 2, seconds / 3600);
        target[2] = (byte)':';
        Put(target, 3, 2, seconds / 60 % 60);
        target[5] = (byte)':';
        Put(target, 6, 2, seconds % 60);
        if (fraction == 0)
            return 8;
        target[8] = (byte)'.';
        Put(target, 9, 6, fraction);
        return 15;
    }

    private static void Put(Span<byte> target, int at, int digits, long value)
    {
        for (var i = at + digits - 1; i >= at; i--)
        {
            target[i] = (byte)('0' + (value % 10));
            value /= 10;
        }
    }

    private static bool TryDigits(ReadOnlySpan<byte> text, int at, int count, out int value)
    {
        value = 0;
        for (var i = at; i < at + count; i++)
        {
            var digit = (uint)(text[i] - '0');
            if (digit > 9)
                return false;
            value = (value * 10) + (int)digit;
        }

        return true;
    }

    public static bool TryDays(int year, int month, int day, out int days)
    {
        days = 0;
        if (year is 0 or > 9999 || month is 0 or > 12 || day == 0 || (day > 28 && day > DateTime.DaysInMonth(year, month)))
            return false;
        days = DaysSinceEpoch(year, month, day);
        return true;
    }

    // Days from civil: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms".
    private static int DaysSinceEpoch(int year, int month, int day)
    {
        if (month <= 2)
            year--;
        var era = year / 400;
        var yearOfEra = year - (era * 400);
        var dayOfYear = (((153 * (month + (month > 2 ? -3 : 9))) + 2) / 5) + day - 1;
        var dayOfEra = (yearOfEra * 365) + (yearOfEra / 4) - (yearOfEra / 100) + dayOfYear;
        return (era * 146_097) + dayOfEra - 719_468;
    }
}
