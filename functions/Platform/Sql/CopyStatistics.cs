using System.Collections;
using System.Globalization;
using System.Text.Json;
using DataPlatform.Tables;

namespace DataPlatform.Sql;

/// <summary>Reads what <c>COPY … (RETURN_STATS true)</c> says of a file into Delta's <c>stats</c> (Delta protocol, "Per-file Statistics").</summary>
internal static class CopyStatistics
{
    private const int MaxText = 64;
    private const string Highest = "\U0010FFFF";

    /// <param name="statistics">Quoted column name to a map of texts: <c>min max null_count has_nan</c> …</param>
    public static FileStatistics Read(IReadOnlyList<TableColumn> columns, long rows, IDictionary statistics)
    {
        var types = columns.ToDictionary(column => column.Name, column => column.Type, StringComparer.Ordinal);
        Dictionary<string, JsonElement> minimum = [], maximum = [];
        Dictionary<string, long> nulls = [];
        foreach (DictionaryEntry entry in statistics)
        {
            var name = Unquote((string)entry.Key);
            var values = (IDictionary)entry.Value!;
            if (!types.TryGetValue(name, out var type))
                continue;

            if (values["null_count"] is string count)
                nulls[name] = long.Parse(count, CultureInfo.InvariantCulture);
            if (values["has_nan"] is "true")
                continue;
            if (values["min"] is string min && ToJson(type, min, isMaximum: false) is { } low)
                minimum[name] = low;
            if (values["max"] is string max && ToJson(type, max, isMaximum: true) is { } high)
                maximum[name] = high;
        }

        return new FileStatistics(rows, minimum, maximum, nulls);
    }

    private static JsonElement? ToJson(string type, string text, bool isMaximum) => type switch
    {
        "byte" or "short" or "integer" or "long" => Number(text),
        "float" or "double" => double.TryParse(text, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? Number(text)
            : null,
        "string" => Text(text, isMaximum),
        "date" => DateOnly.TryParseExact(text, "yyyy-MM-dd", out _) ? JsonSerializer.SerializeToElement(text) : null,
        "timestamp" => Instant(text, isMaximum),
        _ when type.StartsWith("decimal(", StringComparison.Ordinal) => Number(text),
        _ => null,
    };

    private static JsonElement Number(string text) => JsonElement.Parse(text);

    /// <summary>Long texts are cut; a maximum then gets the highest character, so that it still bounds all values: unless they go on with just that one.</summary>
    private static JsonElement? Text(string text, bool isMaximum)
    {
        // The engine cuts long texts at a byte: half a character is no bound.
        if (text.Contains('\uFFFD', StringComparison.Ordinal))
            return null;
        if (text.Length <= MaxText)
            return JsonSerializer.SerializeToElement(text);
        var cut = text[..(char.IsHighSurrogate(text[MaxText - 1]) ? MaxText - 1 : MaxText)];
        if (!isMaximum)
            return JsonSerializer.SerializeToElement(cut);
        return text.AsSpan(cut.Length).StartsWith(Highest) ? null : JsonSerializer.SerializeToElement(cut + Highest);
    }

    /// <summary>Delta keeps milliseconds: a minimum is rounded down, a maximum up.</summary>
    private static JsonElement? Instant(string text, bool isMaximum)
    {
        var plain = text.EndsWith("+00", StringComparison.Ordinal) ? text[..^3] : text;
        if (!DateTime.TryParseExact(
            plain, "yyyy-MM-dd HH:mm:ss.FFFFFF", CultureInfo.InvariantCulture, DateTimeStyles.None, out var instant))
            return null;
        var excess = instant.Ticks % TimeSpan.TicksPerMillisecond;
        if (excess > 0)
        {
            var rounded = instant.Ticks - excess + (isMaximum ? TimeSpan.TicksPerMillisecond : 0);
            if (rounded > DateTime.MaxValue.Ticks)
                return null; // the last moments of 9999 have no millisecond above them
            instant = new DateTime(rounded);
        }

        return JsonSerializer.SerializeToElement(instant.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
    }

    private static string Unquote(string name) =>
        name.Length >= 2 && name[0] == '"' && name[^1] == '"'
            ? name[1..^1].Replace("\"\"", "\"", StringComparison.Ordinal)
            : name;
}
