namespace DataPlatform.Ingestion.Expressions;

/// <summary>An interval as SQL has it: its parts are applied one after the other, for months and days have no fixed length.</summary>
internal readonly record struct TimeSpanParts(int Months, int Days, long Micros)
{
    /// <summary>Of years; with it not even twenty parts overflow.</summary>
    private const int MaxCount = 10_000_000;

    private static readonly (string Unit, int Months, int Days, long Micros)[] Units =
    [
        ("year", 12, 0, 0), ("month", 1, 0, 0), ("week", 0, 7, 0), ("day", 0, 1, 0), ("hour", 0, 0, 3_600_000_000), ("minute", 0, 0, 60_000_000),
        ("second", 0, 0, 1_000_000), ("millisecond", 0, 0, 1000), ("microsecond", 0, 0, 1),
    ];

    /// <summary>A number of one unit, such as 3 and <c>day</c> or <c>days</c>.</summary>
    public static bool TryCreate(string unit, long count, out TimeSpanParts parts)
    {
        parts = default;
        var found = Array.Find(Units, candidate => unit.Equals(candidate.Unit, StringComparison.OrdinalIgnoreCase)
            || unit.Equals(candidate.Unit + "s", StringComparison.OrdinalIgnoreCase));
        if (found.Unit is null || Int128.Abs(count) > (found.Micros > 0 ? MaxCount * 10 : MaxCount))
            return false;
        parts = new TimeSpanParts((int)(found.Months * count), (int)(found.Days * count), found.Micros * count);
        return true;
    }

    /// <summary><c>1 year 2 days</c>.</summary>
    public static bool TryParse(string text, out TimeSpanParts parts)
    {
        parts = default;
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length is 0 or > 20 || words.Length % 2 != 0)
            return false;
        for (var i = 0; i < words.Length; i += 2)
        {
            if (!long.TryParse(words[i], System.Globalization.NumberStyles.AllowLeadingSign, System.Globalization.CultureInfo.InvariantCulture, out var count)
                || !TryCreate(words[i + 1], count, out var part))
            {
                return false;
            }

            parts = new TimeSpanParts(parts.Months + part.Months, parts.Days + part.Days, parts.Micros + part.Micros);
        }

        return true;
    }

    public TimeSpanParts Negated() => new(-Months, -Days, -Micros);
}
