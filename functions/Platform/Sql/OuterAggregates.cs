using System.Text.Json;

namespace DataPlatform.Sql;

/// <summary>
/// Finds aggregates in subqueries that may belong to the query around them: by SQL's rules an aggregate over columns of the outer query alone is
/// computed there, over all its rows. The parser does not know whose an unqualified column is.
/// </summary>
internal static class OuterAggregates
{
    /// <param name="node">The outermost SELECT. Neither its FROM nor its WHERE can hold aggregates of its own.</param>
    /// <returns>The aggregate's node; null when there is none.</returns>
    public static JsonElement? Find(JsonElement node, IReadOnlySet<string> aggregates)
    {
        foreach (var property in node.EnumerateObject())
        {
            if (property.Name is not ("from_table" or "where_clause" or "cte_map") && Find(property.Value, aggregates, visible: null) is { } found)
                return found;
        }

        return null;
    }

    /// <param name="visible">The tables that the subqueries around name; null outside of subqueries.</param>
    private static JsonElement? Find(JsonElement element, IReadOnlySet<string> aggregates, HashSet<string>? visible)
    {
        if (element.ValueKind == JsonValueKind.Array)
            return element.EnumerateArray().Select(item => Find(item, aggregates, visible)).FirstOrDefault(found => found is not null);
        if (element.ValueKind != JsonValueKind.Object)
            return null;

        if (QueryTree.Text(element, "type") == "SELECT_NODE")
        {
            visible = new HashSet<string>(visible ?? [], StringComparer.OrdinalIgnoreCase);
            visible.UnionWith(QueryTree.Leaves(element.GetProperty("from_table")).Select(QueryTree.AliasOf));
        }
        else if (visible is not null && QueryTree.Text(element, "class") == "FUNCTION" && aggregates.Contains(QueryTree.Text(element, "function_name"))
            && QueryTree.Columns(element).Any(column => !IsOf(column, visible)))
        {
            return element;
        }

        return element.EnumerateObject().Select(property => Find(property.Value, aggregates, visible)).FirstOrDefault(found => found is not null);
    }

    private static bool IsOf(IReadOnlyList<string> column, HashSet<string> tables) => column.Count > 1 && tables.Contains(column[0]);
}
