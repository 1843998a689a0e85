using System.Text.Json;

namespace DataPlatform.Sql.Lineage;

/// <summary>What the results of queries come from: a walk through the syntax tree, from the relations of a FROM up to the result.</summary>
internal sealed class QueryFlows
{
    /// <summary>A recursive query comes to an end once there is no further column to add; more rounds than columns of a table never help.</summary>
    private const int MostRounds = 100;

    private readonly ExpressionFlows _expressions;
    private readonly Func<TableReference, IReadOnlyList<string>?> _columns;
    private Dictionary<string, QueryLineage> _named = new(StringComparer.OrdinalIgnoreCase);

    /// <param name="columns">The columns of a table in their order; null when they are not known.</param>
    public QueryFlows(Func<TableReference, IReadOnlyList<string>?> columns, IReadOnlySet<string> aggregates) =>
        (_columns, _expressions) = (columns, new ExpressionFlows(this, aggregates));

    /// <param name="outer">What a correlated query sees of the one around.</param>
    public QueryLineage Of(JsonElement node, Scope? outer)
    {
        var before = _named;
        try
        {
            foreach (var entry in node.Node("cte_map")?.List("map") ?? [])
                Name(entry.Text("key"), entry.GetProperty("value"), outer);
            return node.Text("type") switch
            {
                "SELECT_NODE" => Select(node, outer),
                "SET_OPERATION_NODE" => Combine(node, outer),
                var other => Unknown($"queries of the kind {other} are not followed"),
            };
        }
        finally
        {
            _named = before;
        }
    }

    private static QueryLineage Unknown(string reason) => new([], Flow.NotKnown(reason), _ => Flow.NotKnown(reason));

    /// <summary>Makes a common table expression known to what follows.</summary>
    private void Name(string name, JsonElement expression, Scope? outer)
    {
        var query = expression.GetProperty("query").GetProperty("node");
        var names = expression.Names("aliases");
        var result = query.Text("type") == "RECURSIVE_CTE_NODE" ? Recursive(name, names, query, outer) : Renamed(name, Of(query, outer), names);
        _named = new(_named, StringComparer.OrdinalIgnoreCase) { [name] = result };
    }

    private static QueryLineage Renamed(string name, QueryLineage result, IReadOnlyList<string> names)
    {
        var relation = new Relation(name, "", result.Columns, result.Rest).Rename(names);
        return result with { Columns = relation.Columns, Rest = relation.Rest };
    }

    private QueryLineage Recursive(string name, IReadOnlyList<string> names, JsonElement query, Scope? outer)
    {
        var result = Renamed(name, Of(query.GetProperty("left"), outer), names);
        for (var round = 0; round < MostRounds; round++)
        {
            _named = new(_named, StringComparer.OrdinalIgnoreCase) { [name] = result };
            var next = SetOperations.Stack(result, Of(query.GetProperty("right"), outer));
            if (!query.Flag("union_all"))
                next = SetOperations.Distinct(next);
            if (next.Rows.SameAs(result.Rows) && next.Columns.Zip(result.Columns).All(pair => pair.First.Flow.SameAs(pair.Second.Flow)))
                return next;
            result = next;
        }

        return Unknown($"'{name}' calls itself too often to be followed");
    }

    private QueryLineage Combine(JsonElement node, Scope? outer)
    {
        var result = SetOperations.Of(
            node.Text("setop_type"), node.Flag("setop_all"), Of(node.GetProperty("left"), outer), Of(node.GetProperty("right"), outer));
        var scope = new Scope(FromItems.Of(new Relation("", "", result.Columns, result.Rest)), outer);
        return result with { Rows = Modifiers(node, scope, result).And(result.Rows) };
    }

    private QueryLineage Select(JsonElement node, Scope? outer)
    {
        var rows = Flow.None;
        var scope = new Scope(From(node.GetProperty("from_table"), outer, ref rows), outer) { Rows = rows };
        var list = new SelectList(_expressions, scope);
        foreach (var item in node.List("select_list"))
            list.Add(item);

        // Aliases are known in all of these, behind columns.
        Decide(node, "where_clause", Influences.Filter, scope);
        Decide(node, "having", Influences.Filter, scope);
        Decide(node, "qualify", Influences.Filter, scope);
        var groups = node.List("group_expressions").Select(group => list.Place(group) ?? _expressions.Of(group, scope));
        if (node.Text("aggregate_handling") == "FORCE_AGGREGATES")
            groups = groups.Concat(list.Plain());
        scope.Rows = groups.Aggregate(scope.Rows, (all, group) => all.And(group.As(Influences.GroupBy)));
        var result = list.Result();
        return result with { Rows = Modifiers(node, scope, result).And(scope.Rows) };
    }

    private void Decide(JsonElement node, string member, Influences how, Scope scope)
    {
        // In this order, for a condition may add to the rows itself.
        var decided = _expressions.Child(node, member, scope).As(how);
        scope.Rows = scope.Rows.And(decided);
    }

    /// <summary>DISTINCT, ORDER BY and LIMIT. They look at the result first, then behind it.</summary>
    private Flow Modifiers(JsonElement node, Scope scope, QueryLineage result)
    {
        var rows = Flow.None;
        foreach (var modifier in node.List("modifiers"))
        {
            rows = rows.And(modifier.Text("type") switch
            {
                "ORDER_MODIFIER" => modifier.List("orders").Select(order => order.GetProperty("expression")).Aggregate(
                    Flow.None, (all, order) => all.And(Behind(order, scope, result))).As(Influences.Sort),
                "DISTINCT_MODIFIER" when modifier.List("distinct_on_targets").Any() => modifier.List("distinct_on_targets").Aggregate(
                    Flow.None, (all, target) => all.And(Behind(target, scope, result))).As(Influences.GroupBy),
                "DISTINCT_MODIFIER" => SetOperations.AllOf(result).As(Influences.GroupBy),
                "LIMIT_MODIFIER" or "LIMIT_PERCENT_MODIFIER" =>
                    _expressions.Child(modifier, "limit", scope).And(_expressions.Child(modifier, "offset", scope)).As(Influences.Filter),
                var other => Flow.NotKnown($"{other} is not followed"),
            });
        }

        return rows;
    }

    private Flow Behind(JsonElement expression, Scope scope, QueryLineage result)
    {
        if (expression.Text("class") == "STAR")
            return SetOperations.AllOf(result);
        if (expression.Text("class") == "CONSTANT")
            return expression.Position() is not { } place ? Flow.None : result.Rest is null && place >= 1 && place <= result.Columns.Count
                ? result.Columns[place - 1].Flow
                : Flow.NotKnown($"the column at place {place} is not known");
        if (expression.Names("column_names") is [var name]
            && result.Columns.FirstOrDefault(column => column.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) is { } own)
            return own.Flow;
        return _expressions.Of(expression, scope);
    }

    private FromItems From(JsonElement node, Scope? outer, ref Flow rows)
    {
        switch (node.Text("type"))
        {
            case "EMPTY":
                return FromItems.Empty;
            case "BASE_TABLE":
                return FromItems.Of(Table(node, ref rows));
            case "SUBQUERY":
                var result = Of(node.GetProperty("subquery").GetProperty("node"), outer);
                rows = rows.And(result.Rows);
                return FromItems.Of(new Relation(node.Text("alias"), "", result.Columns, result.Rest).Rename(node.Names("column_name_alias")));
            case "EXPRESSION_LIST":
                return FromItems.Of(Values(node, outer));
            case "TABLE_FUNCTION":
                return FromItems.Of(Function(node, outer, ref rows));
            case "JOIN":
                return Join(node, outer, ref rows);
            case var other:
                rows = rows.And(Flow.NotKnown($"{other} is not followed"));
                return FromItems.Of(new Relation(node.Text("alias"), "", [], _ => Flow.NotKnown($"{other} is not followed")));
        }
    }

    private Relation Table(JsonElement node, ref Flow rows)
    {
        var (name, schema) = (node.Text("table_name"), node.Text("schema_name"));
        var alias = node.Text("alias") is { Length: > 0 } given ? given : name;
        if (schema.Length == 0 && _named.TryGetValue(name, out var query))
        {
            rows = rows.And(query.Rows);
            return new Relation(alias, "", query.Columns, query.Rest).Rename(node.Names("column_name_alias"));
        }

        var table = name.ToLowerInvariant();
        var columns = _columns(new TableReference(table, schema.Length > 0));
        return new Relation(
            alias,
            schema,
            [.. (columns ?? []).Select(column => new OutputColumn(column, Flow.Of(table, column)))],
            columns is null ? column => Flow.Of(table, column.ToLowerInvariant()) : null).Rename(node.Names("column_name_alias"));
    }

    private Relation Values(JsonElement node, Scope? outer)
    {
        var scope = new Scope(FromItems.Empty, outer);
        List<Flow> columns = [];
        foreach (var row in node.List("values"))
        {
            foreach (var (value, i) in row.EnumerateArray().Select((value, i) => (value, i)))
            {
                var flow = _expressions.Of(value, scope);
                if (i == columns.Count)
                    columns.Add(flow);
                else
                    columns[i] = columns[i].And(flow);
            }
        }

        return new Relation(node.Text("alias"), "", [.. columns.Select((flow, i) => new OutputColumn($"col{i}", flow))], Rest: null)
            .Rename(node.Names("column_name_alias"));
    }

    /// <summary>The arguments decide how many rows there are, and are in all columns.</summary>
    private Relation Function(JsonElement node, Scope? outer, ref Flow rows)
    {
        var function = node.GetProperty("function");
        var name = function.Text("function_name");
        var flow = _expressions.All(function.List("children"), new Scope(FromItems.Empty, outer)).Through(Influences.Transformation);
        rows = rows.And(flow.As(Influences.Join));
        var single = name.ToLowerInvariant() is "range" or "generate_series" or "unnest" && node.Text("with_ordinality") is "" or "WITHOUT_ORDINALITY";
        var given = node.Names("column_name_alias");
        IReadOnlyList<OutputColumn> columns = given.Count > 0 ? [.. given.Select(column => new OutputColumn(column, flow))]
            : single ? [new OutputColumn(name.ToLowerInvariant(), flow)] : [];
        return new Relation(node.Text("alias") is { Length: > 0 } alias ? alias : name, "", columns, single ? null : _ => flow);
    }

    private FromItems Join(JsonElement node, Scope? outer, ref Flow rows)
    {
        var left = From(node.GetProperty("left"), outer, ref rows);

        // What stands on the right sees what stands before it.
        var right = From(node.GetProperty("right"), new Scope(left, outer), ref rows);
        var (type, kind) = (node.Text("join_type"), node.Text("ref_type"));
        var names = node.Names("using_columns");
        if (kind == "NATURAL")
        {
            if (!left.IsComplete || !right.IsComplete)
                rows = rows.And(Flow.NotKnown("the columns of a NATURAL JOIN are not all known"));
            names = [.. left.Star("").Select(item => item.Column.Name).Where(name => right.Find(name) is { Certain: true }).Distinct(StringComparer.OrdinalIgnoreCase)];
        }

        foreach (var name in names)
            rows = rows.And((left.Find(name)?.Flow ?? Flow.None).And(right.Find(name)?.Flow ?? Flow.None).As(Influences.Join));
        var joined = left.Join(right, type, type is "SEMI" or "ANTI" ? [] : names);
        if (node.Node("condition") is { } condition)
        {
            var scope = new Scope(joined, outer);
            rows = rows.And(_expressions.Of(condition, scope).As(Influences.Join));
        }

        if (node.Text("alias").Length > 0)
            return FromItems.Of(new Relation(node.Text("alias"), "", [.. joined.Star("").Select(item => item.Column)], joined.IsComplete ? null : _ => Flow.NotKnown("not all columns of a join with a name are known")));
        return type is "SEMI" or "ANTI" ? left : joined;
    }
}
