using System.Text;
using DataPlatform.Catalog;

namespace DataPlatform.Ingestion.Values;

/// <summary>Reads dates and times in a field's own formats; the first format that fits is taken.</summary>
internal sealed class DateReader
{
    private static readonly byte[][] Months = [.. "JanFebMarAprMayJunJulAugSepOctNovDec".Chunk(3).Select(name => Encoding.ASCII.GetBytes(name))];

    private readonly DatePattern[] _patterns;
    private readonly FieldType _type;

    private DateReader(DatePattern[] patterns, FieldType type) => (_patterns, _type) = (patterns, type);

    /// <returns>Null when the field has no formats: then ISO 8601 is read.</returns>
    public static DateReader? Of(FieldDefinition field) => field.Formats is { } formats
        ? new DateReader([.. formats.Select(format => DatePattern.Parse(format, field.Type, out _)).OfType<DatePattern>()], field.Type)
        : null;

    /// <param name="micros">Since 1970; for times of day since midnight.</param>
    /// <param name="isUtc">False when the text has no offset.</param>
    public bool TryRead(ReadOnlySpan<byte> text, out long micros, out bool isUtc)
    {
        foreach (var pattern in _patterns)
        {
            if (pattern.Parts.Count == 0 ? TryWord(pattern.Text, text, out micros, out isUtc) : TryParts(pattern, text, out micros, out isUtc))
                return true;
        }

        (micros, isUtc) = (0, false);
        return false;
    }

    private bool TryWord(string word, ReadOnlySpan<byte> text, out long micros, out bool isUtc)
    {
        isUtc = true;
        if (word == "iso")
        {
            switch (_type)
            {
                case FieldType.Date:
                    var isDate = DateText.TryParseDate(text, out var days);
                    micros = days * DateText.MicrosPerDay;
                    return isDate;
                case FieldType.Time:
                    return DateText.TryParseTime(text, out micros, out var length) && length == text.Length;
                default:
                    return DateText.TryParseTimestamp(text, out micros, out isUtc);
            }
        }

        // In units of a microsecond, so that fractions of a second are kept.
        var scale = word == "unix" ? 6 : word == "unix_ms" ? 3 : 0;
        var read = DecimalText.TryParse(text, 38, scale, out var unscaled);
        micros = 0;
        if (!read || unscaled < DateText.FirstMicros || unscaled > DateText.LastMicros)
            return false;
        micros = (long)unscaled;
        return true;
    }

    private static bool TryParts(DatePattern pattern, ReadOnlySpan<byte> text, out long micros, out bool isUtc)
    {
        micros = 0;
        isUtc = false;
        int year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0, fraction = 0;
        long offset = 0;
        bool? afternoon = null;
        foreach (var part in pattern.Parts)
        {
            var read = part.Kind switch
            {
                '\'' => TrySkip(part.Literal, ref text),
                'y' => TryDigits(ref text, part.Width, part.Width, out year),
                'M' => part.Width == 3 ? TryMonth(ref text, out month) : TryDigits(ref text, part.Width, 2, out month),
                'd' => TryDigits(ref text, part.Width, 2, out day),
                'H' or 'h' => TryDigits(ref text, part.Width, 2, out hour),
                'm' => TryDigits(ref text, part.Width, 2, out minute),
                's' => TryDigits(ref text, part.Width, 2, out second),
                'f' => TryDigits(ref text, part.Width, part.Width, out fraction),
                't' => TryHalf(ref text, out afternoon),
                _ => TryOffset(ref text, out offset, out isUtc),
            };
            if (!read)
                return false;
            if (part is { Kind: 'y', Width: 2 })
                year += 2000;
            for (var digits = part.Width; part.Kind == 'f' && digits < 6; digits++)
                fraction *= 10;
        }

        if (afternoon is { } second12)
        {
            if (hour is 0 or > 12)
                return false;
            hour = (hour % 12) + (second12 ? 12 : 0);
        }

        if (!text.IsEmpty || hour > 23 || minute > 59 || second > 59 || !DateText.TryDays(year, month, day, out var days))
            return false;
        micros = (days * DateText.MicrosPerDay) + (((((hour * 60L) + minute) * 60) + second) * DateText.MicrosPerSecond) + fraction - offset;
        return true;
    }

    private static bool TrySkip(byte[] literal, ref ReadOnlySpan<byte> text)
    {
        if (!text.StartsWith(literal))
            return false;
        text = text[literal.Length..];
        return true;
    }

    private static bool TryDigits(ref ReadOnlySpan<byte> text, int least, int most, out int value)
    {
        value = 0;
        var digits = 0;
        while (digits < most && digits < text.Length && (uint)(text[digits] - '0') <= 9)
            value = (value * 10) + (text[digits++] - '0');
        text = text[digits..];
        return digits >= least;
    }

    private static bool TryMonth(ref ReadOnlySpan<byte> text, out int month)
    {
        for (month = 1; month <= 12; month++)
        {
            if (text.Length < 3 || !Ascii.EqualsIgnoreCase(text[..3], Months[month - 1]))
                continue;
            text = text[3..];
            return true;
        }

        return false;
    }

    private static bool TryHalf(ref ReadOnlySpan<byte> text, out bool? afternoon)
    {
        afternoon = text.Length >= 2 && (text[1] | 0x20) == 'm' ? (text[0] | 0x20) switch
        {
            'a' => false,
            'p' => true,
            _ => null,
        }
        : null;
        if (afternoon is null)
            return false;
        text = text[2..];
        return true;
    }

    private static bool TryOffset(ref ReadOnlySpan<byte> text, out long offset, out bool isUtc)
    {
        isUtc = true;
        foreach (var length in (ReadOnlySpan<int>)[6, 5, 3, 1])
        {
            if (text.Length >= length && DateText.TryParseOffset(text[..length], out offset))
            {
                text = text[length..];
                return true;
            }
        }

        offset = 0;
        return false;
    }
}
