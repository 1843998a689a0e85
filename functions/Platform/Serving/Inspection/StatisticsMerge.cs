using System.Globalization;
using System.Text;
using System.Text.Json;
using DataPlatform.Tables;

namespace DataPlatform.Serving.Inspection;

/// <summary>Statistics of a table's files put together.</summary>
public static class StatisticsMerge
{
    // Writers cut texts, the first of them at this length.
    private const int CutText = 32;

    /// <param name="columns">Those to tell of.</param>
    public static TableStatistics Of(Snapshot snapshot, IReadOnlyList<TableColumn> columns)
    {
        var rows = snapshot.Rows;
        return new TableStatistics(
            snapshot.Table.Name,
            snapshot.Version,
            snapshot.Timestamp,
            rows,
            rows is not null && snapshot.Columns.All(column => column.Name != TableColumn.Deleted),
            [.. columns.Select(column => Of(snapshot, column))]);
    }

    private static ColumnStatistics Of(Snapshot snapshot, TableColumn column)
    {
        var isPartition = snapshot.PartitionColumns.Contains(column.Name);
        JsonElement? minimum = null, maximum = null;
        long? nulls = 0;
        var known = true;
        foreach (var file in snapshot.Files)
        {
            var (low, high, missing) = isPartition ? OfPartition(file, column) : OfFile(file, column);
            nulls += missing;
            if (file.Statistics?.Rows == 0 || (missing is not null && missing == file.Statistics?.Rows))
                continue;
            known &= low is not null && high is not null;
            minimum = Better(column.Type, minimum, low, -1);
            maximum = Better(column.Type, maximum, high, 1);
        }

        // A bound that a file does not share is none.
        return known
            ? new ColumnStatistics(column.Name, column.Type, minimum, maximum, nulls, isPartition || (IsExact(column.Type, minimum) && IsExact(column.Type, maximum)))
            : new ColumnStatistics(column.Name, column.Type, null, null, nulls, Exact: false);
    }

    private static (JsonElement? Low, JsonElement? High, long? Nulls) OfFile(DataFile file, TableColumn column) => file.Statistics is not { } statistics
        ? (null, null, null)
        : (Value(statistics.Minimum, column.Name),
           Value(statistics.Maximum, column.Name),
           statistics.NullCount.TryGetValue(column.Name, out var nulls) ? nulls : null);

    private static (JsonElement? Low, JsonElement? High, long? Nulls) OfPartition(DataFile file, TableColumn column)
    {
        if (PartitionValues.Of(file, column.Name) is not { } text)
            return (null, null, file.Statistics?.Rows);
        var value = column.Type is "string" or "date" or "timestamp" or "binary" ? JsonSerializer.SerializeToElement(text) : TryParse(text);
        return (value, value, 0);
    }

    private static JsonElement? TryParse(string text)
    {
        try
        {
            return JsonElement.Parse(text);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static JsonElement? Value(IReadOnlyDictionary<string, JsonElement> values, string name) =>
        values.TryGetValue(name, out var value) && value.ValueKind is JsonValueKind.Number or JsonValueKind.String or JsonValueKind.True or JsonValueKind.False ? value : null;

    private static JsonElement? Better(string type, JsonElement? best, JsonElement? candidate, int sign) =>
        candidate is null ? best
        : best is null || Math.Sign(Compare(type, candidate.Value, best.Value)) == sign ? candidate
        : best;

    private static int Compare(string type, JsonElement a, JsonElement b)
    {
        if (a.ValueKind == JsonValueKind.Number && b.ValueKind == JsonValueKind.Number)
        {
            return decimal.TryParse(a.GetRawText(), NumberStyles.Float, CultureInfo.InvariantCulture, out var left)
                && decimal.TryParse(b.GetRawText(), NumberStyles.Float, CultureInfo.InvariantCulture, out var right)
                && type is not ("float" or "double")
                ? left.CompareTo(right)
                : a.GetDouble().CompareTo(b.GetDouble());
        }

        if (type == "timestamp"
            && DateTimeOffset.TryParse(a.GetString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var earlier)
            && DateTimeOffset.TryParse(b.GetString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var later))
        {
            return earlier.CompareTo(later);
        }

        // The order of Parquet and Delta: that of the UTF-8 bytes.
        return a.ValueKind == JsonValueKind.String && b.ValueKind == JsonValueKind.String
            ? Encoding.UTF8.GetBytes(a.GetString()!).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(b.GetString()!))
            : (a.ValueKind == JsonValueKind.True).CompareTo(b.ValueKind == JsonValueKind.True);
    }

    private static bool IsExact(string type, JsonElement? value) => type switch
    {
        "timestamp" or "timestamp_ntz" => value is null,
        "string" => value is null || value.Value.GetString()!.Length < CutText,
        _ => true,
    };
}
