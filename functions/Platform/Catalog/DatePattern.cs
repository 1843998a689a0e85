using System.Text;

namespace DataPlatform.Catalog;

/// <summary>
/// How dates and times are written, in the letters of .NET and Java: <c>yyyy yy MM M MMM dd d HH H hh h mm m ss s f…ffffff tt zzz</c>, texts in
/// single quotes, all other characters but letters for themselves, and <c>T</c>. Or one of the words <c>iso</c>, <c>unix</c>, <c>unix_ms</c>,
/// <c>unix_us</c>.
/// </summary>
internal sealed class DatePattern
{
    private const string Letters = "yMdHhmsftz";
    private const int MaxLength = 64;

    private DatePattern(string text, IReadOnlyList<DatePart> parts) => (Text, Parts) = (text, parts);

    public string Text { get; }

    /// <summary>Empty for the words.</summary>
    public IReadOnlyList<DatePart> Parts { get; }

    /// <returns>Null, with what is wrong in <paramref name="fault"/>.</returns>
    public static DatePattern? Parse(string text, FieldType type, out string fault)
    {
        fault = "";
        if (text == "iso" || (text is "unix" or "unix_ms" or "unix_us" && type == FieldType.Timestamp))
            return new DatePattern(text, []);

        var parts = new List<DatePart>();
        fault = text.Length > MaxLength ? $"a format has at most {MaxLength} characters" : Split(text, parts) ?? Missing(parts, type) ?? "";
        return fault.Length == 0 ? new DatePattern(text, parts) : null;
    }

    private static string? Split(string text, List<DatePart> parts)
    {
        for (var at = 0; at < text.Length;)
        {
            var letter = text[at];
            var end = at + 1;
            if (letter == '\'')
            {
                end = text.IndexOf('\'', at + 1);
                if (end < 0)
                    return "a quote is not closed";
                parts.Add(new DatePart('\'', 0, Encoding.UTF8.GetBytes(end == at + 1 ? "'" : text[(at + 1)..end])));
                at = end + 1;
                continue;
            }

            if (!Letters.Contains(letter, StringComparison.Ordinal))
            {
                if (char.IsAsciiLetter(letter) && letter != 'T')
                    return $"'{letter}' means nothing here: put texts between single quotes";
                while (end < text.Length && char.IsLowSurrogate(text[end]))
                    end++;
                parts.Add(new DatePart('\'', 0, Encoding.UTF8.GetBytes(text[at..end])));
                at = end;
                continue;
            }

            while (end < text.Length && text[end] == letter)
                end++;
            if (!IsWidth(letter, end - at))
                return $"'{text[at..end]}' means nothing here";
            if (parts.Exists(part => part.Kind == letter))
                return $"'{letter}' stands there twice";
            parts.Add(new DatePart(letter, end - at, []));
            at = end;
        }

        return null;
    }

    private static bool IsWidth(char letter, int width) => letter switch
    {
        'y' => width is 2 or 4,
        'M' => width is <= 3,
        'f' => width <= 6,
        't' => width == 2,
        'z' => width == 3,
        _ => width <= 2,
    };

    private static string? Missing(List<DatePart> parts, FieldType type)
    {
        bool Has(params ReadOnlySpan<char> letters)
        {
            foreach (var letter in letters)
            {
                if (!parts.Exists(part => part.Kind == letter))
                    return false;
            }

            return true;
        }

        if (type != FieldType.Time && !Has('y', 'M', 'd'))
            return "it needs a year (yyyy), a month (MM) and a day (dd)";
        if (type == FieldType.Time && (Has('y') || Has('M') || Has('d') || Has('z')))
            return "a time of day has no date and no offset";
        var hour = Has('H') || Has('h', 't');
        if (type == FieldType.Date && (Has('H') || Has('h') || Has('m') || Has('s') || Has('f') || Has('t') || Has('z')))
            return "a date has no time: make the field a timestamp";
        if (type == FieldType.Time && !(hour && Has('m')))
            return "it needs hours (HH, or hh with tt) and minutes (mm)";
        if ((Has('h') || Has('t')) && (Has('H') || !Has('h', 't')))
            return "hours are HH, or hh together with tt";
        if ((Has('m') && !hour) || (Has('s') && !Has('m')) || (Has('f') && !Has('s')))
            return "minutes need hours, seconds minutes, and fractions seconds";
        return null;
    }
}
