using System.Text.Json;

namespace DataPlatform.Sql;

/// <summary>
/// Checks that a query may run once for each partition of one of its tables, by the values of some columns, as if it had run once over all rows:
/// what looks at more than one row of that table must look at rows of one partition alone. Other tables are read whole by every partition, so that
/// joins find what they find. What is not known to be right is refused.
/// </summary>
/// <param name="columns">Of the divided table.</param>
internal sealed class SplitCheck(string sql, IReadOnlyList<string> columns, IReadOnlySet<string> aggregates)
{
    private string? _alias;
    private string _name = "";
    private bool _alone;
    private IReadOnlyList<JsonElement> _selected = [];

    public SplitQuery Check(JsonElement node)
    {
        if (QueryTree.Text(node, "type") != "SELECT_NODE")
            return Refuse(node, "it is a set operation");
        var from = node.GetProperty("from_table");
        if (FindTable(node, from) is not { } leaf)
            return Refuse(from, "the divided table (the one new. source, or else one table) must be named once, in the FROM of the outermost SELECT, and not on the side of a join that is filled up with NULLs");

        var leaves = QueryTree.Leaves(from).ToList();
        var shown = QueryTree.AliasOf(leaf);
        if (QueryTree.Items(leaf, "column_name_alias").Count > 0 || leaves.Count(other => QueryTree.Is(QueryTree.AliasOf(other), shown)) > 1)
            return Refuse(leaf, "the divided table needs a name of its own and the names of its columns");
        _name = QueryTree.Text(leaf, "table_name");
        _alias = QueryTree.Text(leaf, "alias") is { Length: > 0 } alias ? alias : null;
        _alone = leaves.Count == 1;
        _selected = QueryTree.Items(node, "select_list");

        return Fault(node) is { } fault
            ? Refuse(fault.Node, fault.Text)
            : new SplitQuery(new TableReference(_name.ToLowerInvariant(), IsNew(leaf)), Fault: null);
    }

    private static bool IsNew(JsonElement leaf) => QueryTree.Is(QueryTree.Text(leaf, "schema_name"), SqlSession.NewSchema);

    /// <summary>The one <c>new.</c> source, else the first table, when each of its rows leads to result rows of its own.</summary>
    private static JsonElement? FindTable(JsonElement node, JsonElement from)
    {
        var tables = QueryTree.All(node).Where(element => QueryTree.Text(element, "type") == "BASE_TABLE" && element.TryGetProperty("table_name", out _)).ToList();
        var ofNew = tables.Count(IsNew);
        if (ofNew > 1 || Preserved(from, ofNew == 1) is not { } leaf)
            return null;
        if (ofNew == 1)
            return leaf;

        // A table expression of that name is not a table.
        var name = QueryTree.Text(leaf, "table_name");
        var named = QueryTree.Items(node.GetProperty("cte_map"), "map").Any(entry => QueryTree.Is(QueryTree.Text(entry, "key"), name));
        return !named && tables.Count(table => QueryTree.Is(QueryTree.Text(table, "table_name"), name)) == 1 ? leaf : null;
    }

    private static JsonElement? Preserved(JsonElement from, bool isNew)
    {
        var join = QueryTree.Text(from, "join_type");
        var reference = QueryTree.Text(from, "ref_type");
        return QueryTree.Text(from, "type") switch
        {
            "BASE_TABLE" when IsNew(from) == isNew && (isNew || QueryTree.Text(from, "schema_name").Length == 0) && from.GetProperty("sample").ValueKind == JsonValueKind.Null => from,
            // A positional join counts rows from the first on; an ASOF join chooses one row of its right side by looking at all of them.
            "JOIN" when reference != "POSITIONAL" =>
                (join is "INNER" or "LEFT" or "SEMI" or "ANTI" ? Preserved(from.GetProperty("left"), isNew) : null)
                ?? (reference != "ASOF" && join is "INNER" or "RIGHT" ? Preserved(from.GetProperty("right"), isNew) : null),
            _ => null,
        };
    }

    private (JsonElement Node, string Text)? Fault(JsonElement node)
    {
        if (IsThere(node, "sample"))
            return (node, "it has a sample");
        if (OuterAggregates.Find(node, aggregates) is { } outer)
            return (outer, $"the aggregate '{Name(outer)}' in a subquery may be one over all rows of the query around it: write the table in front of its columns");
        foreach (var item in _selected)
        {
            if (QueryTree.Text(item, "alias") is { Length: > 0 } alias && columns.FirstOrDefault(column => QueryTree.Is(column, alias)) is { } taken && !Is(item, taken))
                return (item, $"another expression is called '{taken}' like the column it is divided by: choose another name");
        }

        return Grouping(node) ?? Windows(node) ?? Modifiers(node);
    }

    private (JsonElement, string)? Grouping(JsonElement node)
    {
        var groups = QueryTree.Items(node, "group_expressions");
        var sets = QueryTree.Items(node, "group_sets");
        if (QueryTree.Text(node, "aggregate_handling") == "FORCE_AGGREGATES")
            return columns.Where(column => !IsSelected(column)).Select(column => ((JsonElement, string)?)(node, $"GROUP BY ALL does not group by '{column}': select it")).FirstOrDefault();
        if (sets.Count > 1)
            return (groups.Count > 0 ? groups[0] : node, "it has more than one grouping set");
        if (groups.Count > 0)
            return Missing(groups) is { } column ? (groups[0], $"GROUP BY does not name '{Written(column)}'") : null;
        if (sets.Count > 0 || IsThere(node, "having"))
            return (node, "it groups all rows into one");
        return Own(node).Where(element => QueryTree.Text(element, "class") == "FUNCTION" && aggregates.Contains(QueryTree.Text(element, "function_name")))
            .Select(element => ((JsonElement, string)?)(element, $"'{Name(element)}' looks at all rows: GROUP BY {string.Join(", ", columns.Select(Written))}"))
            .FirstOrDefault();
    }

    private (JsonElement, string)? Windows(JsonElement node)
    {
        foreach (var window in Own(node).Where(element => QueryTree.Text(element, "class") == "WINDOW"))
        {
            if (Missing(QueryTree.Items(window, "partitions"), positions: false) is { } column)
                return (window, $"the window of '{Name(window)}' is not PARTITION BY '{Written(column)}'");
        }

        return null;
    }

    private (JsonElement, string)? Modifiers(JsonElement node)
    {
        foreach (var modifier in QueryTree.Items(node, "modifiers"))
        {
            var targets = QueryTree.Items(modifier, "distinct_on_targets");
            switch (QueryTree.Text(modifier, "type"))
            {
                case "ORDER_MODIFIER":
                    break;
                case "DISTINCT_MODIFIER" when targets.Count > 0:
                    if (Missing(targets) is { } column)
                        return (targets[0], $"DISTINCT ON does not name '{Written(column)}'");
                    break;
                case "DISTINCT_MODIFIER":
                    if (columns.FirstOrDefault(name => !IsSelected(name)) is { } unselected)
                        return (node, $"DISTINCT looks at all rows unless '{Written(unselected)}' is selected");
                    break;
                default:
                    return (node, "it has LIMIT or OFFSET");
            }
        }

        return null;
    }

    /// <summary>The nodes of the outermost SELECT without those of subqueries, whose rows are their own.</summary>
    private static IEnumerable<JsonElement> Own(JsonElement node)
    {
        return node.EnumerateObject().Where(property => property.Name is not ("from_table" or "cte_map")).SelectMany(property => Below(property.Value));

        static IEnumerable<JsonElement> Below(JsonElement element) => element.ValueKind switch
        {
            JsonValueKind.Array => element.EnumerateArray().SelectMany(Below),
            JsonValueKind.Object when QueryTree.Text(element, "class") != "SUBQUERY" =>
                element.EnumerateObject().SelectMany(property => Below(property.Value)).Prepend(element),
            _ => [],
        };
    }

    /// <param name="positions">Whether a number stands for what is selected there: in a window it is just a number, the same for all rows.</param>
    private string? Missing(IReadOnlyList<JsonElement> expressions, bool positions = true) =>
        columns.FirstOrDefault(column => !expressions.Any(expression => Is(expression, column) || (positions && At(expression) is { } selected && Is(selected, column))));

    /// <summary>What a position such as the 1 of GROUP BY 1 stands for.</summary>
    private JsonElement? At(JsonElement expression)
    {
        if (QueryTree.Text(expression, "type") != "VALUE_CONSTANT"
            || !expression.GetProperty("value").TryGetProperty("value", out var value) || value.ValueKind != JsonValueKind.Number
            || !value.TryGetInt32(out var position) || position < 1 || position > _selected.Count)
            return null;
        return _selected.Take(position).Any(item => QueryTree.Text(item, "class") == "STAR") ? null : _selected[position - 1];
    }

    private bool IsSelected(string column) => _selected.Any(item => Is(item, column) || IsWholeStar(item));

    private bool IsWholeStar(JsonElement item) =>
        QueryTree.Text(item, "class") == "STAR"
        && (QueryTree.Text(item, "relation_name") is { Length: 0 } || QueryTree.Is(QueryTree.Text(item, "relation_name"), _alias ?? _name))
        && item.EnumerateObject().All(property => property.Value.ValueKind switch
        {
            JsonValueKind.Array => property.Value.GetArrayLength() == 0,
            JsonValueKind.Object or JsonValueKind.True => false,
            _ => true,
        });

    /// <summary>Whether an expression is just a column of the divided table.</summary>
    private bool Is(JsonElement expression, string column) => QueryTree.ColumnOf(expression) switch
    {
        [var name] => _alone && QueryTree.Is(name, column),
        [var table, var name] => QueryTree.Is(table, _alias ?? _name) && QueryTree.Is(name, column),
        [var schema, var table, var name] =>
            _alias is null && QueryTree.Is(schema, SqlSession.NewSchema) && QueryTree.Is(table, _name) && QueryTree.Is(name, column),
        _ => false,
    };

    private string Written(string column) => _alone ? column : $"{_alias ?? _name}.{column}";

    private static string Name(JsonElement function) => QueryTree.Text(function, "function_name") switch
    {
        "count_star" => "count(*)",
        var name => name,
    };

    private static bool IsThere(JsonElement node, string property) => node.TryGetProperty(property, out var value) && value.ValueKind == JsonValueKind.Object;

    private SplitQuery Refuse(JsonElement node, string fault)
    {
        var place = node.TryGetProperty("query_location", out var location) && location.TryGetUInt64(out var at) && at != ulong.MaxValue
            ? SqlInspector.Place(sql, at)
            : SqlInspector.Place(sql, (ulong)sql.AsSpan().IndexOfAnyExcept(" \t\r\n"));
        return new SplitQuery(Table: null, fault + place);
    }
}
