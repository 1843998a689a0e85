using System.Text.Json;
using DataPlatform.Tables;

namespace DataPlatform.Sql;

/// <summary>
/// What a table's log tells of the values that a file has in a column, for those who leave files unread by it. Any writer of the table may have
/// written it: what cannot be understood bounds nothing.
/// </summary>
internal static class FileBounds
{
    /// <summary>No value is below it; null when that is unknown or all are NULL.</summary>
    public static string? Low(DataFile file, TableColumn column) =>
        PartitionValues.TryOf(file, column.Name, out var partition) ? OfPartition(partition, column) : Of(file.Statistics?.Minimum, column);

    /// <summary>No value is above <see cref="TypedHigh"/> of it; null when that is unknown or all are NULL.</summary>
    public static string? High(DataFile file, TableColumn column) =>
        PartitionValues.TryOf(file, column.Name, out var partition) ? OfPartition(partition, column)
        : column.Type is "float" or "double" ? null // NaN is greater than all numbers and in nobody's maximum
        : Of(file.Statistics?.Maximum, column);

    /// <param name="text">An expression of <see cref="Low"/>.</param>
    /// <param name="type">What the column's values are compared as.</param>
    /// <returns>An expression of that type; NULL where the text is no such value.</returns>
    public static string TypedLow(string text, string type) => $"TRY_CAST({text} AS {type})";

    /// <summary>Statistics of some writers have the millisecond that a maximum lies in.</summary>
    /// <inheritdoc cref="TypedLow"/>
    public static string TypedHigh(string text, string type) =>
        type.StartsWith("TIMESTAMP", StringComparison.Ordinal) ? $"TRY({TypedLow(text, type)} + INTERVAL 1 MILLISECOND)" : TypedLow(text, type);

    // How writers give bytes as text is not agreed upon.
    private static string? OfPartition(string? value, TableColumn column) => column.Type == "binary" ? null : value;

    private static string? Of(IReadOnlyDictionary<string, JsonElement>? bounds, TableColumn column) =>
        column.Type == "binary" || bounds is null || !bounds.TryGetValue(column.Name, out var value) ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString()
        : value.GetRawText();
}
