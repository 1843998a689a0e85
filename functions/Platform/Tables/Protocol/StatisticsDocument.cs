using System.Text.Json;

namespace DataPlatform.Tables.Protocol;

/// <summary>The document in <c>add.stats</c>.</summary>
internal static class StatisticsDocument
{
    /// <returns>Null when there are none, or none with a number of rows.</returns>
    /// <exception cref="JsonException">The text is not JSON.</exception>
    public static FileStatistics? Parse(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return null;

        // One document for the whole of it: the values below point into it.
        var root = JsonElement.Parse(text);
        if (root.ValueKind != JsonValueKind.Object
            || !root.TryGetProperty("numRecords", out var rows)
            || rows.ValueKind != JsonValueKind.Number)
            return null;

        return new FileStatistics(rows.GetInt64(), Values(root, "minValues"), Values(root, "maxValues"), NullCounts(root));
    }

    /// <returns>Null also for what is no document of statistics.</returns>
    public static FileStatistics? TryParse(string text)
    {
        try
        {
            return Parse(text);
        }
        catch (Exception damage) when (damage is JsonException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    public static string Write(FileStatistics statistics)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, LogWriter.Options))
        {
            writer.WriteStartObject();
            writer.WriteNumber("numRecords", statistics.Rows);
            WriteValues(writer, "minValues", statistics.Minimum);
            WriteValues(writer, "maxValues", statistics.Maximum);
            writer.WriteStartObject("nullCount");
            foreach (var (column, count) in statistics.NullCount)
                writer.WriteNumber(column, count);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private static void WriteValues(Utf8JsonWriter writer, string name, IReadOnlyDictionary<string, JsonElement> values)
    {
        writer.WriteStartObject(name);
        foreach (var (column, value) in values)
        {
            writer.WritePropertyName(column);
            value.WriteTo(writer);
        }

        writer.WriteEndObject();
    }

    private static Dictionary<string, JsonElement> Values(JsonElement root, string name)
    {
        var values = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        if (root.TryGetProperty(name, out var members) && members.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in members.EnumerateObject())
            {
                if (member.Value.ValueKind != JsonValueKind.Null)
                    values[member.Name] = member.Value;
            }
        }

        return values;
    }

    // The counts of a struct's members are an object; no part of the platform asks for them.
    private static Dictionary<string, long> NullCounts(JsonElement root)
    {
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var (column, value) in Values(root, "nullCount"))
        {
            if (value.ValueKind == JsonValueKind.Number)
                counts[column] = value.GetInt64();
        }

        return counts;
    }
}
