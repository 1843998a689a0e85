using System.Text.Json;

namespace DataPlatform.Sql;

/// <summary>A <c>new.</c> source joined with plain tables: <c>new.x JOIN a ON … JOIN b ON …</c>, with any LEFT JOINs behind.</summary>
/// <param name="Source">The <c>new.</c> source, as FROM names it.</param>
/// <param name="Tables">The tables it is joined with, so named.</param>
/// <param name="Conditions">The syntax trees behind ON.</param>
/// <param name="Equal">What USING makes equal, as SQL.</param>
internal sealed record InnerJoins(string Source, IReadOnlyList<string> Tables, IReadOnlyList<JsonElement> Conditions, IReadOnlyList<string> Equal)
{
    /// <returns>Null when there is no inner join, or FROM is not of this form: then which rows find no partner is not told by the joins alone.</returns>
    public static InnerJoins? Find(JsonElement select)
    {
        if (Text(select, "type") != "SELECT_NODE" || select.GetProperty("cte_map").GetProperty("map").GetArrayLength() > 0)
            return null;

        var from = select.GetProperty("from_table");
        while (Text(from, "type") == "JOIN" && Text(from, "ref_type") == "REGULAR" && Text(from, "join_type") == "LEFT")
            from = from.GetProperty("left");
        List<JsonElement> leaves = [], conditions = [];
        List<string> equal = [];
        if (Text(from, "type") != "JOIN" || !TryRead(from, leaves, conditions, equal))
            return null;

        var sources = leaves.Where(IsNew).ToList();
        return sources.Count == 1
            ? new InnerJoins(NameOf(sources[0]), [.. leaves.Where(leaf => !IsNew(leaf)).Select(NameOf)], conditions, equal)
            : null;
    }

    /// <summary>A SELECT that counts the source's rows which find no partner.</summary>
    /// <param name="conditions">As SQL.</param>
    public string Count(IEnumerable<string> conditions) =>
        $"SELECT count(*) FROM {Source} WHERE NOT EXISTS (SELECT 1 FROM {string.Join(", ", Tables)} WHERE {string.Join(" AND ", conditions.Select(c => $"({c})").Concat(Equal))})";

    private static bool TryRead(JsonElement from, List<JsonElement> leaves, List<JsonElement> conditions, List<string> equal)
    {
        if (Text(from, "type") == "BASE_TABLE")
        {
            leaves.Add(from);
            return from.GetProperty("sample").ValueKind == JsonValueKind.Null && from.GetProperty("column_name_alias").GetArrayLength() == 0;
        }

        if (Text(from, "type") != "JOIN" || Text(from, "ref_type") != "REGULAR" || Text(from, "join_type") != "INNER")
            return false;
        var (left, right) = (from.GetProperty("left"), from.GetProperty("right"));
        if (from.GetProperty("condition") is { ValueKind: JsonValueKind.Object } condition)
            conditions.Add(condition);

        // Of several tables to the left, only the engine knows which one has the column.
        var columns = from.GetProperty("using_columns");
        if (columns.GetArrayLength() > 0 && (Text(left, "type") != "BASE_TABLE" || Text(right, "type") != "BASE_TABLE"))
            return false;
        foreach (var column in columns.EnumerateArray().Select(column => SqlText.Identifier(column.GetString()!)))
            equal.Add($"{AliasOf(left)}.{column} = {AliasOf(right)}.{column}");
        return TryRead(left, leaves, conditions, equal) && TryRead(right, leaves, conditions, equal);
    }

    private static bool IsNew(JsonElement table) => Text(table, "schema_name").Equals(SqlSession.NewSchema, StringComparison.OrdinalIgnoreCase);

    private static string NameOf(JsonElement table)
    {
        var name = (IsNew(table) ? $"{SqlSession.NewSchema}." : "") + SqlText.Identifier(Text(table, "table_name"));
        return Text(table, "alias").Length == 0 ? name : $"{name} AS {AliasOf(table)}";
    }

    private static string AliasOf(JsonElement table) =>
        SqlText.Identifier(Text(table, "alias") is { Length: > 0 } alias ? alias : Text(table, "table_name"));

    private static string Text(JsonElement element, string property) =>
        element.TryGetProperty(property, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
