using System.Text.Json;

namespace DataPlatform.Sql.Lineage;

/// <summary>What expressions come from.</summary>
/// <param name="aggregates">Names of aggregate functions.</param>
internal sealed class ExpressionFlows(QueryFlows queries, IReadOnlySet<string> aggregates)
{
    /// <summary>Names that the engine takes for functions where no column is called so.</summary>
    private static readonly HashSet<string> Keywords = new(StringComparer.OrdinalIgnoreCase)
    {
        "current_date", "current_time", "current_timestamp", "localtime", "localtimestamp", "current_catalog", "current_schema", "current_user",
        "current_role", "session_user", "user",
    };

    /// <summary>Functions whose arguments may be lambdas. Elsewhere <c>-></c> takes something out of JSON.</summary>
    private static readonly HashSet<string> Lambdas = new(StringComparer.OrdinalIgnoreCase)
    {
        "list_transform", "array_transform", "list_apply", "array_apply", "apply", "list_filter", "array_filter", "filter", "list_reduce", "array_reduce",
        "reduce",
    };

    public Flow Of(JsonElement node, Scope scope) => node.Text("class") switch
    {
        "CONSTANT" or "PARAMETER" or "DEFAULT" => Flow.None,
        "COLUMN_REF" => Column(node.Names("column_names"), scope).Flow,
        "POSITIONAL_REFERENCE" => Positional(node, scope),
        "FUNCTION" => Function(node, scope),
        "WINDOW" => Window(node, scope),
        "CASE" => Case(node, scope),
        "CAST" or "COLLATE" => Child(node, "child", scope).Through(Influences.Transformation),
        "COMPARISON" => Computed([node.Node("left"), node.Node("right")], scope),
        "BETWEEN" => Computed([node.Node("input"), node.Node("lower"), node.Node("upper")], scope),
        "CONJUNCTION" or "OPERATOR" => All(node.List("children"), scope).Through(Influences.Transformation),
        "LAMBDA" => Computed([node.Node("lhs"), node.Node("expr")], scope),
        "SUBQUERY" => Subquery(node, scope),
        "STAR" => Flow.NotKnown("COLUMNS and * within expressions are not followed"),
        var other => Flow.NotKnown($"expressions of the kind {other} are not followed"),
    };

    /// <summary>What a name, with or without others before it, stands for.</summary>
    public Found Column(IReadOnlyList<string> names, Scope scope)
    {
        if (names.Count > 1 && Qualified(names, scope) is { } qualified)
            return qualified;
        if (scope.Find(names[0]) is { } bare && (names.Count == 1 || bare.Certain))
            return names.Count == 1 ? bare : Part(names, bare.Flow);
        if (scope.FindRelation(names[0]) is { } relation)
            return new Found(names[^1], relation.Row());
        if (names.Count == 1 && Keywords.Contains(names[0]))
            return new Found(names[0], Flow.None);
        return new Found(names[^1], Flow.NotKnown($"'{string.Join('.', names)}' is no column that is known"));
    }

    private static Found? Qualified(IReadOnlyList<string> names, Scope scope)
    {
        if (Of(scope.FindRelation(names[0]), names, 1) is { } direct)
            return direct;
        return names.Count > 2 ? Of(scope.FindRelation(names[1], names[0]), names, 2) : null;

        static Found? Of(Relation? relation, IReadOnlyList<string> names, int at)
        {
            if (relation is null)
                return null;
            var found = relation.FindListed(names[at]) is { } column ? new Found(column.Name, column.Flow)
                : relation.Rest?.Invoke(names[at]) is { } rest ? new Found(names[at], rest)
                : null;
            return found is null || names.Count == at + 1 ? found : Part(names, found.Flow);
        }
    }

    /// <summary>A member of a struct.</summary>
    private static Found Part(IReadOnlyList<string> names, Flow whole) => new(names[^1], whole.Through(Influences.Transformation));

    private static Flow Positional(JsonElement node, Scope scope)
    {
        if (!scope.From.IsComplete)
            return Flow.NotKnown("not all columns are known, so none can be told by its place");
        var columns = scope.From.Star("").Select(item => item.Column).ToList();
        return node.Position() is { } place && place >= 1 && place <= columns.Count
            ? columns[place - 1].Flow
            : Flow.NotKnown($"there is no column at place {node.Position()}");
    }

    private Flow Function(JsonElement node, Scope scope)
    {
        var name = node.Text("function_name");
        var children = node.List("children").ToList();
        if (Lambdas.Contains(name))
            return Computed([.. children.Select(child => (JsonElement?)child)], scope, lambdas: true);

        // Of nullif only the first can be the result; the other says when.
        if (name.Equals("nullif", StringComparison.OrdinalIgnoreCase) && children.Count == 2)
            return Of(children[0], scope).Through(Influences.Transformation).And(Of(children[1], scope).As(Influences.Conditional));

        var flow = All(children, scope);
        if (name.Equals("unnest", StringComparison.OrdinalIgnoreCase))
            scope.Rows = scope.Rows.And(flow.As(Influences.Join));
        if (!aggregates.Contains(name))
            return flow.Through(Influences.Transformation);
        return flow.Through(Influences.Aggregation)
            .And(Child(node, "filter", scope).As(Influences.Filter))
            .And(node.Node("order_bys") is { } order ? Orders(order.List("orders"), scope).As(Influences.Sort) : Flow.None);
    }

    private Flow Window(JsonElement node, Scope scope)
    {
        var direct = All(node.List("children"), scope).And(Child(node, "default_expr", scope))
            .Through(node.Text("type") == "WINDOW_AGGREGATE" ? Influences.Aggregation : Influences.Transformation);
        var frame = All(node.List("partitions"), scope)
            .And(Orders(node.List("orders"), scope)).And(Orders(node.List("arg_orders"), scope))
            .And(Child(node, "start_expr", scope)).And(Child(node, "end_expr", scope)).And(Child(node, "offset_expr", scope));
        return direct.And(frame.As(Influences.Window)).And(Child(node, "filter_expr", scope).As(Influences.Filter));
    }

    private Flow Case(JsonElement node, Scope scope)
    {
        var (values, conditions) = (Child(node, "else_expr", scope), Flow.None);
        foreach (var check in node.List("case_checks"))
        {
            values = values.And(Child(check, "then_expr", scope));
            conditions = conditions.And(Child(check, "when_expr", scope));
        }

        return values.Through(Influences.Transformation).And(conditions.As(Influences.Conditional));
    }

    private Flow Subquery(JsonElement node, Scope scope)
    {
        if (node.Node("subquery")?.Node("node") is not { } query)
            return Flow.NotKnown("a subquery is not followed");
        var result = queries.Of(query, scope);
        var child = Child(node, "child", scope).Through(Influences.Transformation);
        return node.Text("subquery_type") switch
        {
            "EXISTS" or "NOT_EXISTS" => result.Rows,
            "SCALAR" or "ANY" when result is { Columns: [var only], Rest: null } =>
                child.And(node.Text("subquery_type") == "SCALAR" ? only.Flow : only.Flow.Through(Influences.Transformation)).And(result.Rows),
            var type => Flow.NotKnown($"a subquery of the kind {type} is not followed"),
        };
    }

    /// <summary>Whether an aggregate stands anywhere in an expression; subqueries have rows of their own.</summary>
    public bool Aggregates(JsonElement node) => node.ValueKind switch
    {
        JsonValueKind.Array => node.EnumerateArray().Any(Aggregates),
        JsonValueKind.Object => node.Text("class") != "SUBQUERY"
            && ((node.Text("class") == "FUNCTION" && aggregates.Contains(node.Text("function_name")))
                || node.EnumerateObject().Any(member => Aggregates(member.Value))),
        _ => false,
    };

    /// <summary>Of the items of an ORDER BY.</summary>
    public Flow Orders(IEnumerable<JsonElement> orders, Scope scope) =>
        orders.Aggregate(Flow.None, (all, order) => all.And(Child(order, "expression", scope)));

    public Flow All(IEnumerable<JsonElement> nodes, Scope scope) => nodes.Aggregate(Flow.None, (all, node) => all.And(Of(node, scope)));

    /// <summary>Of a member that may not be there.</summary>
    public Flow Child(JsonElement node, string member, Scope scope) => node.Node(member) is { } child ? Of(child, scope) : Flow.None;

    private Flow Computed(IReadOnlyList<JsonElement?> nodes, Scope scope, bool lambdas = false)
    {
        var all = Flow.None;
        foreach (var node in nodes.OfType<JsonElement>())
            all = all.And(lambdas && node.Text("class") == "LAMBDA" ? Lambda(node, scope) : Of(node, scope));
        return all.Through(Influences.Transformation);
    }

    /// <summary>What a lambda takes from outside. The elements that it is called with come from the list beside it.</summary>
    private Flow Lambda(JsonElement node, Scope scope)
    {
        if (node.Node("lhs") is not { } lhs || node.Node("expr") is not { } body)
            return Flow.NotKnown("a lambda is not followed");
        var parameters = (lhs.Text("class") == "COLUMN_REF" ? [lhs] : lhs.List("children"))
            .Select(parameter => parameter.Names("column_names"))
            .Where(names => names.Count == 1)
            .Select(names => names[0])
            .ToList();
        var inner = new Scope(FromItems.Empty, scope);
        inner.Parameters.UnionWith(parameters);
        var flow = Of(body, inner);
        scope.Rows = scope.Rows.And(inner.Rows);
        return flow;
    }
}
