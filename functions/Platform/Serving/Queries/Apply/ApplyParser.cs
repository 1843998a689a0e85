using System.Text.RegularExpressions;
using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Tables;

namespace DataPlatform.Serving.Queries.Apply;

/// <summary>
/// Reads transformations of OData's extension for data aggregation (4.0, section 3): <c>filter</c>, <c>compute</c>, <c>groupby</c> and <c>aggregate</c>, with
/// slashes between. A mart's measures are its custom aggregates. Expressions inside are parsed as everywhere, against what the steps before leave.
/// </summary>
/// <param name="parse">From the name of an OData option that takes the kind of expression, the columns and the text to the expression.</param>
internal sealed partial class ApplyParser(string option, string text, MartMeasures? measures, Func<ExpressionRole, IReadOnlyList<TableColumn>, string, Expression> parse)
{
    private const int MaxSteps = 32;
    private const string Offered = "filter, compute, groupby and aggregate";

    private static readonly string[] Others =
    [
        "concat", "identity", "join", "outerjoin", "nest", "orderby", "search", "skip", "top", "topcount", "bottomcount", "topsum", "bottomsum", "toppercent", "bottompercent",
        "ancestors", "descendants", "traverse", "expand",
    ];

    private readonly ApplyText _text = new(option, text);
    private MartMeasures? _measures = measures;

    public IReadOnlyList<ApplyStep> ParseSteps(IReadOnlyList<TableColumn> columns)
    {
        var parts = _text.Split(text, '/');
        if (parts.Count > MaxSteps)
            throw _text.Invalid($"it has {parts.Count} transformations; up to {MaxSteps} are taken");

        List<ApplyStep> steps = [];
        foreach (var part in parts)
        {
            var (name, arguments) = _text.Call(part);
            ApplyStep step = name switch
            {
                "filter" => new FilterStep(parse(ExpressionRole.Condition, columns, arguments), columns),
                "compute" => Compute(columns, arguments),
                "groupby" => Group(columns, arguments),
                "aggregate" => new GroupStep([], Aggregates(columns, [], arguments)),
                _ when Others.Contains(name, StringComparer.Ordinal) => throw _text.Unsupported($"The transformation '{name}'{_text.Place(name)}", Offered),
                _ => throw _text.Invalid($"there is no transformation '{name}'{_text.Place(name)}.{DidYouMean.Sentence(name, ["filter", "compute", "groupby", "aggregate"])} Offered are {Offered}"),
            };
            steps.Add(step);
            columns = step.Columns;
            if (step is GroupStep)
                _measures = null;
        }

        return steps;
    }

    /// <summary>Columns as the option <c>compute</c> has them.</summary>
    public ComputeStep Compute(IReadOnlyList<TableColumn> columns, string arguments)
    {
        List<ComputedColumn> computed = [];
        foreach (var item in _text.Split(arguments, ','))
        {
            if (_text.CutAtLast(item, "as") is not var (expression, alias))
                throw _text.Invalid($"'{item}' needs a name: say {(item.Length == 0 ? "expression" : item)} as name");
            CheckAlias(alias, columns.Select(column => column.Name).Concat(computed.Select(known => known.Column.Name)));
            var value = parse(ExpressionRole.Value, columns, expression);
            var type = ComputedTypes.Of(value) ?? throw _text.Invalid($"'{alias}' has no type: it is always null");
            computed.Add(new ComputedColumn(new TableColumn(alias, type, value.Nullable), value));
        }

        return new ComputeStep(computed, [.. columns, .. computed.Select(column => column.Column)]);
    }

    private GroupStep Group(IReadOnlyList<TableColumn> columns, string arguments)
    {
        var parts = _text.Split(arguments, ',');
        if (parts.Count > 2 || !parts[0].StartsWith('(') || parts[0][^1] != ')')
            throw _text.Invalid("groupby takes column names in parentheses of their own and then what to compute: groupby((a,b),aggregate($count as n))");

        List<TableColumn> keys = [];
        foreach (var name in _text.Split(parts[0][1..^1], ','))
        {
            if (name.StartsWith("rollup", StringComparison.Ordinal))
                throw _text.Unsupported("'rollup'", Offered);
            if (name.Contains('(', StringComparison.Ordinal) || name.Contains(' ', StringComparison.Ordinal))
                throw _text.Invalid($"groupby takes names of columns, and '{name}' is an expression: name it before, by compute({name} as key)/groupby((key),…)");
            var key = columns.FirstOrDefault(column => column.Name == name) ?? throw UnknownColumn(columns, name);
            ValueKinds.Of(key);
            if (!keys.Contains(key))
                keys.Add(key);
        }

        if (parts.Count == 1)
            return new GroupStep(keys, []);
        var (inner, items) = _text.Call(parts[1]);
        return inner == "aggregate"
            ? new GroupStep(keys, Aggregates(columns, keys, items))
            : throw _text.Unsupported($"'{inner}' inside of groupby", "aggregate there");
    }

    private List<AggregatedColumn> Aggregates(IReadOnlyList<TableColumn> columns, IReadOnlyList<TableColumn> keys, string arguments)
    {
        List<AggregatedColumn> aggregated = [];
        foreach (var item in _text.Split(arguments, ','))
        {
            var column = Aggregate(columns, keys, item);
            CheckAlias(column.Column.Name, keys.Select(key => key.Name).Concat(aggregated.Select(known => known.Column.Name)));
            aggregated.Add(column);
        }

        return aggregated;
    }

    private AggregatedColumn Aggregate(IReadOnlyList<TableColumn> columns, IReadOnlyList<TableColumn> keys, string item)
    {
        if (_text.CutAtLast(item, "as") is not var (value, alias))
        {
            return Measure(keys, item, item)
                ?? throw _text.Invalid($"'{item}' needs a name: say sum, min, max, average or countdistinct of a column as in 'delay with max as worst', or '$count as n'{MeasureHint(item)}");
        }

        if (value == "$count")
            return new AggregatedColumn(new TableColumn(alias, "long", Nullable: false), Aggregation.Count);
        if (_text.CutAtLast(value, "with") is not var (expression, method))
        {
            return Measure(keys, value, alias)
                ?? throw _text.Invalid($"'{item}' does not say how: {value} with sum, min, max, average or countdistinct as {alias}{MeasureHint(value)}");
        }

        var aggregation = method switch
        {
            "sum" => Aggregation.Sum,
            "min" => Aggregation.Min,
            "max" => Aggregation.Max,
            "average" => Aggregation.Average,
            "countdistinct" => Aggregation.CountDistinct,
            _ => throw _text.Invalid($"there is no aggregation '{method}'{_text.Place(method)}: take sum, min, max, average or countdistinct"),
        };
        var operand = parse(ExpressionRole.Value, columns, expression);
        if (operand is ColumnExpression { Column.Name: var name })
            _measures?.Check(name, aggregation);
        return new AggregatedColumn(new TableColumn(alias, TypeOf(aggregation, operand, expression), Nullable: aggregation is not Aggregation.CountDistinct), aggregation, operand);
    }

    private AggregatedColumn? Measure(IReadOnlyList<TableColumn> keys, string name, string alias) =>
        _measures?.Find(name, keys) is var (column, sql) ? new AggregatedColumn(column with { Name = alias, Nullable = true }, Aggregation.Measure, MeasureSql: sql) : null;

    private string MeasureHint(string name) => _measures is null ? "" : DidYouMean.Sentence(name, _measures.Names);

    private string TypeOf(Aggregation aggregation, Expression operand, string expression) => aggregation switch
    {
        Aggregation.CountDistinct => "long",
        Aggregation.Min or Aggregation.Max when operand.Kind is not ValueKind.Null => ComputedTypes.Of(operand)!,
        Aggregation.Sum when operand.Kind.IsNumber() => ComputedTypes.OfSum(operand),
        Aggregation.Average when operand.Kind.IsNumber() => "double",
        _ => throw new TerminalException(
            FailureKind.Invalid,
            "TypeMismatch",
            $"'{expression}' is {operand.Kind} and has no {aggregation.ToString().ToLowerInvariant()}{_text.Place(expression)} of {option}: that needs a number.",
            option),
    };

    private void CheckAlias(string alias, IEnumerable<string> taken)
    {
        if (!AliasPattern().IsMatch(alias))
            throw _text.Invalid($"'{alias}' is no name for a column: those begin with a letter and have letters, digits and '_' only, up to 128");
        if (taken.Contains(alias, StringComparer.OrdinalIgnoreCase))
            throw _text.Invalid($"the name '{alias}'{_text.Place(alias)} is taken: give another one");
    }

    private TerminalException UnknownColumn(IReadOnlyList<TableColumn> columns, string name) => new(
        FailureKind.Invalid,
        "UnknownColumn",
        $"There is no column '{name}'{_text.Place(name)} of {option}.{DidYouMean.Sentence(name, columns.Select(column => column.Name))} Columns: {string.Join(", ", columns.Select(column => column.Name))}.",
        option);

    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9_]{0,127}\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex AliasPattern();
}
