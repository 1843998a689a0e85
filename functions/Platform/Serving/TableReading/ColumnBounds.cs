using System.Globalization;
using DataPlatform.Serving.Queries;
using DataPlatform.Sql;
using DataPlatform.Tables;

namespace DataPlatform.Serving.TableReading;

/// <summary>What a table's log tells of a column's values in one file.</summary>
/// <param name="Least">No value is below it; null when unknown. By kind: long, decimal, float, double, string, DateOnly, DateTimeOffset.</param>
/// <param name="Greatest">No value is above it; null when unknown.</param>
/// <param name="MayBeNull">False when no row has null.</param>
/// <param name="IsNull">True when every row has null.</param>
internal readonly record struct ColumnBounds(object? Least, object? Greatest, bool MayBeNull, bool IsNull)
{
    public static ColumnBounds Of(DataFile file, TableColumn column)
    {
        if (PartitionValues.TryOf(file, column.Name, out var text) && text is null)
            return new ColumnBounds(null, null, MayBeNull: true, IsNull: true);

        var nulls = 0L;
        var known = text is not null || file.Statistics?.NullCount.TryGetValue(column.Name, out nulls) == true;
        return new ColumnBounds(
            Parse(column, FileBounds.Low(file, column)),
            Widen(Parse(column, FileBounds.High(file, column))),
            MayBeNull: !known || nulls > 0,
            IsNull: known && nulls > 0 && nulls == file.Statistics?.Rows);
    }

    /// <summary>Statistics of some writers have the millisecond that a maximum lies in.</summary>
    private static object? Widen(object? value) => value is DateTimeOffset time ? time < DateTimeOffset.MaxValue.AddMilliseconds(-1) ? time.AddMilliseconds(1) : null : value;

    /// <returns>Null when it cannot be told.</returns>
    private static object? Parse(TableColumn column, string? text)
    {
        if (text is null)
            return null;
        var culture = CultureInfo.InvariantCulture;
        return column.Type switch
        {
            "byte" or "short" or "integer" or "long" => long.TryParse(text, NumberStyles.AllowLeadingSign, culture, out var whole) ? whole : null,
            "float" => float.TryParse(text, NumberStyles.Float, culture, out var single) && float.IsFinite(single) ? single : null,
            "double" => double.TryParse(text, NumberStyles.Float, culture, out var number) && double.IsFinite(number) ? number : null,
            "string" => text,
            "date" => DateOnly.TryParseExact(text, "yyyy-MM-dd", culture, DateTimeStyles.None, out var day) ? day : null,
            "timestamp" => DateTimeOffset.TryParse(text, culture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) ? time : null,
            _ when column.Type.StartsWith("decimal(", StringComparison.Ordinal) && ValueKinds.DecimalFacets(column).Precision <= 28 =>
                decimal.TryParse(text, NumberStyles.Float, culture, out var exact) ? exact : null,
            _ => null,
        };
    }
}
