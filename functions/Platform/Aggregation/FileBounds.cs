using System.Globalization;
using System.Text.Json;
using DataPlatform.Sql;
using DataPlatform.Tables;
using Typed = DataPlatform.Sql.FileBounds;

namespace DataPlatform.Aggregation;

/// <summary>The bounds of a column in files, as SQL.</summary>
internal static class FileBounds
{
    /// <summary>A SELECT of a row for each file: <c>file</c> (its place in the list), <c>low</c>, <c>high</c>, <c>nulls</c> and <c>unknown</c>, which is true when its statistics do
    /// not tell, or in no words that are values of the type.</summary>
    /// <param name="files">One at least.</param>
    /// <param name="type">Of the column, in SQL.</param>
    public static string Sql(IReadOnlyList<DataFile> files, string column, string type) =>
        $"""
        SELECT file, low, high, nulls, unknown OR (least IS NOT NULL AND (low IS NULL OR high IS NULL)) AS unknown
        FROM (SELECT *, {Typed.TypedLow("least", type)} AS low, {Typed.TypedHigh("most", type)} AS high
            FROM (VALUES {string.Join(", ", files.Select((file, place) => Row(file, place, column)))}) AS bounds(file, least, most, nulls, unknown))
        """;

    private static string Row(DataFile file, int place, string column)
    {
        var low = file.Statistics?.Minimum.GetValueOrDefault(column) is { ValueKind: not JsonValueKind.Undefined } minimum ? minimum : (JsonElement?)null;
        var high = file.Statistics?.Maximum.GetValueOrDefault(column) is { ValueKind: not JsonValueKind.Undefined } maximum ? maximum : (JsonElement?)null;
        var nulls = file.Statistics?.NullCount.TryGetValue(column, out var count) == true ? count : -1;
        var isKnown = nulls >= 0 && ((low is not null && high is not null) || nulls == file.Statistics!.Rows);
        return string.Create(CultureInfo.InvariantCulture, $"({place}, {Text(isKnown ? low : null)}, {Text(isKnown ? high : null)}, {nulls}, {!isKnown})");
    }

    private static string Text(JsonElement? value) =>
        value is { } known ? SqlText.Literal(known.ValueKind == JsonValueKind.String ? known.GetString()! : known.GetRawText()) : "CAST(NULL AS VARCHAR)";
}
