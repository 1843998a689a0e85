using System.Globalization;

namespace DataPlatform.Catalog;

/// <summary>Values of parameters: as text they are stored and shown, as objects they are bound.</summary>
public static class ParameterValue
{
    private const int MaxLength = 10_000;

    private const NumberStyles Plain = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint;

    private static readonly string[] Instants =
    [
        "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFK",
    ];

    /// <summary>The text in the one way in which it is stored.</summary>
    /// <returns>Null when it is none of the type's values.</returns>
    public static string? Normalize(ParameterType type, string text) => Parse(type, text) switch
    {
        null => null,
        bool flag => flag ? "true" : "false",
        DateOnly date => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        DateTime time => time.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        var other => (string)other,
    };

    /// <summary>What is bound.</summary>
    /// <returns>Null when the text is none of the type's values.</returns>
    public static object? Parse(ParameterType type, string text) => type switch
    {
        ParameterType.String => text.Length <= MaxLength && !text.Contains('\0', StringComparison.Ordinal) ? text : null,
        ParameterType.Int64 => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) ? whole : null,
        ParameterType.Float64 => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) && double.IsFinite(real) ? real : null,
        ParameterType.Decimal => text.Count(char.IsAsciiDigit) <= 28 && decimal.TryParse(text, Plain, CultureInfo.InvariantCulture, out var exact) && exact.Scale <= 9 ? exact : null,
        ParameterType.Bool => text is "true" or "false" ? text == "true" : null,
        ParameterType.Date => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) ? date : null,
        _ => HasOffset(text)
            && DateTimeOffset.TryParseExact(text, Instants, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time) ? time.UtcDateTime : null,
    };

    /// <summary>How values of the type are written.</summary>
    public static string Example(ParameterType type) => type switch
    {
        ParameterType.String => "a text of at most 10,000 characters",
        ParameterType.Int64 => "a whole number of 64 bits",
        ParameterType.Float64 => "a number",
        ParameterType.Decimal => "a number of at most 28 digits, 9 of them behind the point, such as 12.50",
        ParameterType.Bool => "true or false",
        ParameterType.Date => "a day like 2026-12-31",
        _ => "a time with its offset, like 2026-12-31T23:59:59Z",
    };

    private static bool HasOffset(string text) => text.EndsWith('Z') || (text.Length > 6 && text[^6] is '+' or '-' && text[^3] == ':');
}
