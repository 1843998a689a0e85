using System.Globalization;
using System.Text.Json;
using DataPlatform.Serving.Queries;
using DataPlatform.Tables;

namespace DataPlatform.Serving.TableReading;

/// <summary>What a table's log tells of a column's values in one file.</summary>
/// <param name="Least">No value is below it; null when unknown. By kind: long, decimal, double, string, DateOnly, DateTimeOffset.</param>
/// <param name="Greatest">No value is above it; null when unknown.</param>
/// <param name="MayBeNull">False when no row has null.</param>
/// <param name="IsNull">True when every row has null.</param>
internal readonly record struct ColumnBounds(object? Least, object? Greatest, bool MayBeNull, bool IsNull)
{
    private static readonly ColumnBounds Unknown = new(null, null, MayBeNull: true, IsNull: false);

    public static ColumnBounds Of(DataFile file, TableColumn column)
    {
        if (PartitionValues.TryOf(file, column.Name, out var text))
            return text is null ? new ColumnBounds(null, null, MayBeNull: true, IsNull: true) : Single(Parse(column, text));
        if (file.Statistics is not { } statistics)
            return Unknown;

        var known = statistics.NullCount.TryGetValue(column.Name, out var nulls);
        return new ColumnBounds(
            Bound(statistics.Minimum, column),

            // NaN is greater than all numbers and in nobody's maximum.
            column.Type is "float" or "double" ? null : Widen(Bound(statistics.Maximum, column)),
            MayBeNull: !known || nulls > 0,
            IsNull: known && nulls == statistics.Rows);
    }

    private static ColumnBounds Single(object? value) => new(value, value, MayBeNull: false, IsNull: false);

    private static object? Bound(IReadOnlyDictionary<string, JsonElement> bounds, TableColumn column) =>
        !bounds.TryGetValue(column.Name, out var value) ? null
        : Parse(column, value.ValueKind is JsonValueKind.String ? value.GetString()! : value.GetRawText());

    /// <summary>Statistics of some writers have the millisecond that a maximum lies in.</summary>
    private static object? Widen(object? value) => value is DateTimeOffset time ? time < DateTimeOffset.MaxValue.AddMilliseconds(-1) ? time.AddMilliseconds(1) : null : value;

    /// <returns>Null when it cannot be told.</returns>
    private static object? Parse(TableColumn column, string text)
    {
        var culture = CultureInfo.InvariantCulture;
        return column.Type switch
        {
            "byte" or "short" or "integer" or "long" => long.TryParse(text, NumberStyles.AllowLeadingSign, culture, out var whole) ? whole : null,
            "float" or "double" => double.TryParse(text, NumberStyles.Float, culture, out var number) && double.IsFinite(number) ? number : null,
            "string" => text,
            "date" => DateOnly.TryParseExact(text, "yyyy-MM-dd", culture, DateTimeStyles.None, out var day) ? day : null,
            "timestamp" => DateTimeOffset.TryParse(text, culture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) ? time : null,
            _ when column.Type.StartsWith("decimal(", StringComparison.Ordinal) && ValueKinds.DecimalFacets(column).Precision <= 28 =>
                decimal.TryParse(text, NumberStyles.Float, culture, out var exact) ? exact : null,
            _ => null,
        };
    }
}
