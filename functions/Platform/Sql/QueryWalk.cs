using System.Text.Json;
using DataPlatform.Failures;

namespace DataPlatform.Sql;

/// <summary>One walk through a query's syntax tree, as <c>json_serialize_sql</c> gives it.</summary>
/// <param name="open">For the queries of callers: what is not known to <see cref="OpenNodes"/> and <see cref="OpenFunctions"/> is refused, parameters
/// are let through, and there are no <c>new.</c> sources.</param>
/// <param name="shift">How much larger places in the tree are than places in the text.</param>
/// <param name="declared">The parameters that can be used; null for none, or all when open.</param>
internal sealed class QueryWalk(
    string sql,
    string target,
    IReadOnlySet<string> tableFunctions,
    IReadOnlySet<string> aggregates,
    bool open = false,
    int shift = 0,
    IReadOnlyCollection<string>? declared = null)
{
    private const ulong NoPlace = ulong.MaxValue;
    private static readonly HashSet<string> NoNames = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Functions that tell of the machine, the session or other sessions, wait, or write the engine's log.</summary>
    private static readonly HashSet<string> DeniedFunctions = new(StringComparer.OrdinalIgnoreCase)
    {
        "current_setting", "getenv", "getvariable", "write_log", "parse_duckdb_log_message", "sleep_ms", "pg_sleep", "nextval", "currval",
        "current_query", "current_query_id", "current_connection_id", "current_transaction_id", "txid_current", "in_search_path",
        "format_type", "get_block_size", "pg_get_viewdef", "pg_get_constraintdef",
    };


    private readonly List<TableReference> _tables = [];
    private readonly List<string> _new = [];
    private readonly List<string> _newPlaces = [];
    private readonly Dictionary<string, string> _places = [];
    private string? _secondNew;
    private readonly HashSet<string> _parameters = [];

    /// <summary>The tables named, and where each is first.</summary>
    public IReadOnlyDictionary<string, string> Places => _places;

    public IReadOnlySet<string> Parameters => _parameters;

    public InspectedQuery Walk(JsonElement node, string text)
    {
        List<IReadOnlyList<string>> branches = [];
        WalkBranches(node, NoNames, branches);
        return new InspectedQuery(text, [.. _tables.Distinct()], branches, NotRowWise(node))
        {
            SecondNewSource = _secondNew ?? "",
            Parameters = [.. _parameters.Order(StringComparer.Ordinal)],
        };
    }

    private static string Text(JsonElement element, string property) =>
        element.TryGetProperty(property, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    private static bool IsObject(JsonElement element, string property, out JsonElement value) =>
        element.TryGetProperty(property, out value) && value.ValueKind == JsonValueKind.Object;

    private void WalkBranches(JsonElement node, HashSet<string> scope, List<IReadOnlyList<string>> branches)
    {
        if (Text(node, "type") == "SET_OPERATION_NODE"
            && Text(node, "setop_type") is "UNION" or "UNION_BY_NAME"
            && node.TryGetProperty("setop_all", out var all) && all.ValueKind == JsonValueKind.True
            && node.GetProperty("modifiers").GetArrayLength() == 0
            && node.GetProperty("cte_map").GetProperty("map").GetArrayLength() == 0)
        {
            WalkBranches(node.GetProperty("left"), scope, branches);
            WalkBranches(node.GetProperty("right"), scope, branches);
            return;
        }

        var before = _new.Count;
        Visit(node, scope);
        branches.Add(_new[before..]);
        if (_new.Count > before + 1)
            _secondNew ??= _newPlaces[before + 1];
    }

    private void Visit(JsonElement element, HashSet<string> scope)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in element.EnumerateArray())
                Visit(item, scope);
            return;
        }

        if (element.ValueKind != JsonValueKind.Object)
            return;

        if (IsObject(element, "cte_map", out var expressions))
            scope = VisitExpressions(expressions.GetProperty("map"), scope);
        if (open && OpenNodes.Fault(element) is { } fault)
            throw Fault(element, fault);
        Check(element, scope);
        foreach (var property in element.EnumerateObject())
        {
            if (property.NameEquals("cte_map"))
                continue;
            if (open && property.NameEquals("function") && OpenNodes.IsTableFunction(element))
                VisitProperties(property.Value, scope);
            else
                Visit(property.Value, scope);
        }
    }

    private void VisitProperties(JsonElement element, HashSet<string> scope)
    {
        foreach (var property in element.EnumerateObject())
            Visit(property.Value, scope);
    }

    /// <summary>Each sees those before it, a recursive one also itself.</summary>
    private HashSet<string> VisitExpressions(JsonElement map, HashSet<string> outer)
    {
        var scope = outer;
        foreach (var entry in map.EnumerateArray())
        {
            var name = entry.GetProperty("key").GetString()!;
            var body = entry.GetProperty("value");
            if (open && OpenNodes.IsEngines(name))
                throw SqlInspector.Error($"the name '{name}' is the engine's: call the expression of WITH otherwise", target);
            var own = new HashSet<string>(scope, scope.Comparer) { name };
            if (body.GetProperty("query").GetProperty("node") is var node && Text(node, "type") == "RECURSIVE_CTE_NODE")
                VisitRecursive(body, node, name, scope);
            else
                Visit(body, scope);
            scope = own;
        }

        return scope;
    }

    /// <summary>Only what is repeated sees the expression itself: what it starts with would see a table of that name.</summary>
    private void VisitRecursive(JsonElement body, JsonElement node, string name, HashSet<string> scope)
    {
        if (open && OpenNodes.Fault(node) is { } fault)
            throw Fault(node, fault);
        if (IsObject(node, "cte_map", out var expressions))
            scope = VisitExpressions(expressions.GetProperty("map"), scope);
        var own = new HashSet<string>(scope, scope.Comparer) { name };
        foreach (var property in node.EnumerateObject().Where(property => !property.NameEquals("cte_map")))
            Visit(property.Value, property.NameEquals("left") ? scope : own);
        foreach (var property in body.EnumerateObject().Where(property => !property.NameEquals("query")))
            Visit(property.Value, own);
    }

    private void Check(JsonElement element, HashSet<string> scope)
    {
        switch (Text(element, "type"))
        {
            case "BASE_TABLE" when element.TryGetProperty("table_name", out _):
                Reference(element, scope);
                break;
            case "TABLE_FUNCTION" when !open && IsObject(element, "function", out var function):
                if (Text(function, "schema").Length > 0 || !tableFunctions.Contains(Text(function, "function_name")))
                    throw Fault(function, $"the table function '{Text(function, "function_name")}' is not allowed");
                break;
            case "FUNCTION" when DeniedFunctions.Contains(Text(element, "function_name")):
                throw Fault(element, $"the function '{Text(element, "function_name")}' is not allowed");
            case "SHOW_REF":
                throw Fault(element, "it must be a SELECT; DESCRIBE, SHOW and SUMMARIZE are not");
            case "VALUE_PARAMETER" when declared is not null && !declared.Contains(Text(element, "identifier")):
                var unknown = Text(element, "identifier");
                throw SqlInspector.Error($"the parameter '${unknown}' is not declared{ParameterPlaces.Of(sql, unknown)}: name it in 'parameters', or correct it", target);
            case "VALUE_PARAMETER" when open || declared is not null:
                _parameters.Add(Text(element, "identifier"));
                break;
            case "VALUE_PARAMETER":
                throw Fault(element, "parameters cannot be used here");
        }
    }

    private void Reference(JsonElement element, HashSet<string> scope)
    {
        var name = Text(element, "table_name");
        var schema = Text(element, "schema_name");
        if (IsObject(element, "at_clause", out _))
            throw Fault(element, open ? "AT (VERSION …) cannot be used: name versions in 'versions'" : "AT (VERSION …) cannot be used; runs pin the versions they read");
        if (Text(element, "catalog_name").Length > 0)
            throw Fault(element, $"'{name}' must be written without a database");
        if (schema.Length == 0 && scope.Contains(name))
            return;
        if (open && schema.Length > 0)
            throw Fault(element, $"'{schema}.{name}' names a schema: tables are named alone, such as {name}");
        if (schema.Length > 0 && !schema.Equals(SqlSession.NewSchema, StringComparison.OrdinalIgnoreCase))
            throw Fault(element, $"'{schema}.{name}' names a schema that does not exist; there is only 'new'");

        var isNew = schema.Length > 0;
        _tables.Add(new TableReference(name.ToLowerInvariant(), isNew));
        _places.TryAdd(name.ToLowerInvariant(), PlaceOf(element));
        if (isNew)
        {
            _new.Add(name.ToLowerInvariant());
            _newPlaces.Add(PlaceOf(element));
        }
    }

    private string? NotRowWise(JsonElement node)
    {
        if (_new.Count != 1)
            return "it needs exactly one new. source";
        if (Text(node, "type") != "SELECT_NODE")
            return "it is a set operation";
        if (node.GetProperty("group_expressions").GetArrayLength() > 0 || node.GetProperty("group_sets").GetArrayLength() > 0
            || Text(node, "aggregate_handling") != "STANDARD_HANDLING")
            return "it has a GROUP BY";
        if (node.GetProperty("modifiers").GetArrayLength() > 0)
            return "it has ORDER BY, LIMIT or DISTINCT";
        if (IsObject(node, "having", out _) || IsObject(node, "qualify", out _) || IsObject(node, "sample", out _))
            return "it has HAVING, QUALIFY or a sample";
        if (Spreads(node.GetProperty("select_list")) is { } function)
            return $"it has the aggregate or window function '{function}'";
        if (OuterAggregates.Find(node, aggregates) is { } outer)
            return $"the aggregate '{Text(outer, "function_name")}'{PlaceOf(outer)} in a subquery may be one over all rows of the query around it (write the table in front of its columns)";
        return RowsOf(node.GetProperty("from_table"))
            ? null
            : "the new. source must stand in the FROM of the outermost SELECT, and not on the side of a join that is filled up with NULLs";
    }

    /// <summary>The first function that looks at more than one row; subqueries have rows of their own.</summary>
    public string? Spreads(JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.Array)
            return element.EnumerateArray().Select(Spreads).FirstOrDefault(name => name is not null);
        if (element.ValueKind != JsonValueKind.Object || Text(element, "class") == "SUBQUERY")
            return null;

        var name = Text(element, "function_name");
        if (Text(element, "class") == "WINDOW" || (Text(element, "class") == "FUNCTION" && aggregates.Contains(name)))
            return name;
        return element.EnumerateObject().Select(property => Spreads(property.Value)).FirstOrDefault(found => found is not null);
    }

    /// <summary>Whether each row of the new source leads to result rows of its own.</summary>
    private static bool RowsOf(JsonElement from) => Text(from, "type") switch
    {
        "BASE_TABLE" => Text(from, "schema_name").Equals(SqlSession.NewSchema, StringComparison.OrdinalIgnoreCase)
            && from.GetProperty("sample").ValueKind == JsonValueKind.Null,
        // A positional join counts rows from the first on; an ASOF join chooses one row of its right side by looking at all of them.
        "JOIN" when Text(from, "ref_type") != "POSITIONAL" =>
            (RowsOf(from.GetProperty("left")) && Text(from, "join_type") is "INNER" or "LEFT" or "SEMI" or "ANTI" or "SINGLE")
            || (Text(from, "ref_type") != "ASOF" && RowsOf(from.GetProperty("right")) && Text(from, "join_type") is "INNER" or "RIGHT"),
        _ => false,
    };

    /// <summary>A fault that somebody else found in the tree.</summary>
    public TerminalException Fault(JsonElement element, string fault) => SqlInspector.Error(fault + PlaceOf(element), target);

    private string PlaceOf(JsonElement element) =>
        element.TryGetProperty("query_location", out var location) && location.TryGetUInt64(out var at) && at != NoPlace && at >= (ulong)shift
            ? SqlInspector.Place(sql, at - (ulong)shift)
            : "";
}
