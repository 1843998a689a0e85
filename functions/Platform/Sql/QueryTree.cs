using System.Text.Json;

namespace DataPlatform.Sql;

/// <summary>Reads nodes of a syntax tree as <c>json_serialize_sql</c> gives it.</summary>
internal static class QueryTree
{
    public static string Text(JsonElement element, string property) =>
        element.TryGetProperty(property, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    public static IReadOnlyList<JsonElement> Items(JsonElement element, string property) =>
        element.TryGetProperty(property, out var value) && value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : [];

    public static bool Is(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);

    /// <summary>What a FROM joins.</summary>
    public static IEnumerable<JsonElement> Leaves(JsonElement from) => Text(from, "type") == "JOIN"
        ? Leaves(from.GetProperty("left")).Concat(Leaves(from.GetProperty("right")))
        : [from];

    /// <summary>The name under which columns of a FROM's item are qualified.</summary>
    public static string AliasOf(JsonElement leaf) =>
        Text(leaf, "alias") is { Length: > 0 } alias ? alias
        : leaf.TryGetProperty("function", out var function) ? Text(function, "function_name")
        : Text(leaf, "table_name");

    /// <summary>The names of a column, such as <c>["f", "id"]</c>; null for other nodes.</summary>
    public static IReadOnlyList<string>? ColumnOf(JsonElement element) =>
        Text(element, "class") == "COLUMN_REF" ? [.. Items(element, "column_names").Select(name => name.GetString()!)] : null;

    /// <summary>All columns that a node names.</summary>
    public static IEnumerable<IReadOnlyList<string>> Columns(JsonElement element) => All(element).Select(ColumnOf).OfType<IReadOnlyList<string>>();

    /// <summary>A node and all below it.</summary>
    public static IEnumerable<JsonElement> All(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Array => element.EnumerateArray().SelectMany(All),
        JsonValueKind.Object => element.EnumerateObject().SelectMany(property => All(property.Value)).Prepend(element),
        _ => [],
    };
}
