using System.Text.Json;
using DataPlatform.Catalog;
using DataPlatform.Sql;

namespace DataPlatform.Ingestion.Expressions;

/// <summary>
/// Compiles expressions of a safe SQL subset over one row: types are checked here, so that nothing but values can go wrong later. What is
/// compiled holds room of its own and is not for more than one thread.
/// </summary>
internal sealed class ExpressionCompiler
{
    private const int MaxDepth = 100;
    private const int MaxNodes = 2_000;

    private readonly Dictionary<string, ExpressionColumn> _columns;
    private readonly ParsedExpression _expression;
    private readonly FunctionCompiler _functions;
    private int _nodes;
    private int _depth;

    private ExpressionCompiler(ParsedExpression expression, IEnumerable<ExpressionColumn> columns)
    {
        _expression = expression;
        _columns = columns.ToDictionary(column => column.Name, StringComparer.OrdinalIgnoreCase);
        _functions = new FunctionCompiler(this);
    }

    /// <param name="columns">What the expression may name.</param>
    /// <exception cref="ExpressionException">It cannot be computed.</exception>
    public static Term Compile(ParsedExpression expression, IEnumerable<ExpressionColumn> columns) =>
        new ExpressionCompiler(expression, columns).Compile(expression.Tree);

    /// <summary>Compiles an expression whose result is stored as a type: numbers are rounded into it, dates become timestamps.</summary>
    /// <exception cref="ExpressionException">Also when it gives another type.</exception>
    public static Term Compile(ParsedExpression expression, IEnumerable<ExpressionColumn> columns, TermType target)
    {
        var compiler = new ExpressionCompiler(expression, columns);
        var term = compiler.Compile(expression.Tree);
        var fits = term.Type.Kind == target.Kind || term.Type.Kind == TermKind.Null || (term.Type.IsNumber && target.IsNumber)
            || (term.Type.Kind == TermKind.Date && target.Kind == TermKind.Timestamp);
        return fits ? compiler.Cast(term, target, expression.Tree) : throw compiler.Fault(expression.Tree, $"it gives {term.Type}, and {target} is needed: use CAST");
    }

    public Term Compile(JsonElement node)
    {
        if (++_nodes > MaxNodes || ++_depth > MaxDepth)
            throw Fault(node, $"it is too large: at most {MaxNodes} parts, {MaxDepth} in one another");

        var term = (Text(node, "class"), Text(node, "type")) switch
        {
            ("CONSTANT", _) => Constant(node, node.GetProperty("value")),
            ("COLUMN_REF", _) => Column(node),
            ("CONJUNCTION", var type) => new LogicTerm([.. Children(node).Select(Condition)], decides: type == "CONJUNCTION_OR"),
            ("COMPARISON", var type) => Comparison(node, type, Compile(node.GetProperty("left")), Compile(node.GetProperty("right"))),
            ("BETWEEN", _) => Between(node),
            ("CASE", _) => Case(node),
            ("CAST", _) => CastNode(node),
            ("FUNCTION", _) => _functions.Compile(node),
            ("OPERATOR", var type) => Operator(node, type),
            ("SUBQUERY", _) => throw Fault(node, "it must be computed from one row, without a SELECT of its own"),
            ("WINDOW", _) => throw Fault(node, "it must be computed from one row, without window functions"),
            ("STAR", _) => throw Fault(node, "'*' cannot be used: name the fields"),
            (var other, _) => throw Fault(node, $"{other.ToLowerInvariant().Replace('_', ' ')} cannot be used"),
        };
        _depth--;
        return term;
    }

    public static string Text(JsonElement node, string member) =>
        node.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    public static IEnumerable<JsonElement> Children(JsonElement node) => node.GetProperty("children").EnumerateArray();

    public ExpressionException Fault(JsonElement node, string fault) => new($"The expression cannot be used{_expression.PlaceOf(node)}: {fault}.");

    public TypedTerm<bool> Condition(JsonElement node) =>
        Compile(node) is var term && term.Type.Kind is TermKind.Bool or TermKind.Null
            ? (TypedTerm<bool>)Cast(term, TermType.Bool, node)
            : throw Fault(node, $"a condition is needed, and this gives {term.Type}: compare it with something");

    /// <exception cref="ExpressionException">There is no such cast, or a literal has no such value.</exception>
    public Term Cast(Term term, TermType target, JsonElement node, bool tries = false)
    {
        var cast = Conversions.TryCast(term, target, tries)
            ?? throw Fault(node, $"{term.Type} cannot become {target}");
        return term.IsConstant && !ReferenceEquals(cast, term) ? Fold(cast, node) : cast;
    }

    /// <summary>The type that values of all these types can take; literals of text take the type of the others.</summary>
    public TermType Unify(JsonElement node, params IReadOnlyList<Term> terms)
    {
        var typed = terms.Where(term => term.Type.Kind != TermKind.Null).ToList();
        if (typed.Count == 0)
            return new TermType(TermKind.Null);
        if (typed.Exists(term => term.Type.Kind != TermKind.Text))
            typed.RemoveAll(term => term is { IsConstant: true, Type.Kind: TermKind.Text });

        var common = typed[0].Type;
        foreach (var term in typed)
            common = Wider(common, term.Type) ?? throw Fault(node, $"{common} and {term.Type} do not go together: use CAST");
        return common;
    }

    public Term Comparison(JsonElement node, string type, Term left, Term right)
    {
        var common = Unify(node, left, right);
        if (common.Kind == TermKind.Null)
            common = TermType.Int32;
        if (common.Kind == TermKind.Interval)
            throw Fault(node, "intervals cannot be compared: add them to a date or timestamp");
        (left, right) = (Cast(left, common, node), Cast(right, common, node));
        return common.Kind switch
        {
            TermKind.Bool => Compare<bool>(node, type, left, right),
            TermKind.Float64 => Compare<double>(node, type, left, right),
            TermKind.Decimal => Compare<Int128>(node, type, left, right),
            TermKind.Text => Compare<ReadOnlyMemory<byte>>(node, type, left, right),
            _ => Compare<long>(node, type, left, right),
        };
    }

    private static TermType? Wider(TermType left, TermType right)
    {
        if (left == right)
            return left;
        if (left.IsNumber && right.IsNumber)
        {
            if (left.Kind == TermKind.Float64 || right.Kind == TermKind.Float64)
                return TermType.Float64;
            if (left.IsInteger && right.IsInteger)
                return TermType.Int64;
            var (first, second) = (left.AsDecimal, right.AsDecimal);
            var scale = Math.Max(first.Scale, second.Scale);
            return TermType.Decimal(Math.Min(38, Math.Max(first.Precision - first.Scale, second.Precision - second.Scale) + scale), scale);
        }

        return (left.Kind, right.Kind) is (TermKind.Date, TermKind.Timestamp) or (TermKind.Timestamp, TermKind.Date) ? TermType.Timestamp : null;
    }

    private Term Compare<T>(JsonElement node, string type, Term left, Term right)
    {
        var comparison = Comparing.Of<T>();
        var (first, second) = ((TypedTerm<T>)left, (TypedTerm<T>)right);
        if (type is "COMPARE_DISTINCT_FROM" or "COMPARE_NOT_DISTINCT_FROM")
            return new DistinctTerm<T>(first, second, comparison, distinct: type == "COMPARE_DISTINCT_FROM");
        return new BinaryTerm<T, T, bool>(TermType.Bool, first, second, type switch
        {
            "COMPARE_EQUAL" => (T a, T b, RowFault _, out bool result) => Is(comparison(a, b) == 0, out result),
            "COMPARE_NOTEQUAL" => (T a, T b, RowFault _, out bool result) => Is(comparison(a, b) != 0, out result),
            "COMPARE_LESSTHAN" => (T a, T b, RowFault _, out bool result) => Is(comparison(a, b) < 0, out result),
            "COMPARE_GREATERTHAN" => (T a, T b, RowFault _, out bool result) => Is(comparison(a, b) > 0, out result),
            "COMPARE_LESSTHANOREQUALTO" => (T a, T b, RowFault _, out bool result) => Is(comparison(a, b) <= 0, out result),
            "COMPARE_GREATERTHANOREQUALTO" => (T a, T b, RowFault _, out bool result) => Is(comparison(a, b) >= 0, out result),
            _ => throw Fault(node, "this comparison cannot be used"),
        });
    }

    private static bool Is(bool value, out bool result)
    {
        result = value;
        return true;
    }

    private LogicTerm Between(JsonElement node)
    {
        var (input, lower, upper) = (Compile(node.GetProperty("input")), Compile(node.GetProperty("lower")), Compile(node.GetProperty("upper")));
        return new LogicTerm(
            [
                (TypedTerm<bool>)Comparison(node, "COMPARE_GREATERTHANOREQUALTO", input, lower),
                (TypedTerm<bool>)Comparison(node, "COMPARE_LESSTHANOREQUALTO", input, upper),
            ],
            decides: false);
    }

    private Term Operator(JsonElement node, string type)
    {
        switch (type)
        {
            case "OPERATOR_NOT":
                return new UnaryTerm<bool, bool>(TermType.Bool, Condition(Children(node).First()), static (bool value, RowFault _, out bool result) => Is(!value, out result));
            case "OPERATOR_IS_NULL" or "OPERATOR_IS_NOT_NULL":
                return NullTest(Compile(Children(node).First()), type == "OPERATOR_IS_NULL", node);
            case "OPERATOR_COALESCE":
                return Same(node, [.. Children(node).Select(Compile)], SameKind.First);
            case "COMPARE_IN" or "COMPARE_NOT_IN":
                return In(node, [.. Children(node).Select(Compile)], type == "COMPARE_NOT_IN");
            default:
                throw Fault(node, $"{type.Replace("OPERATOR_", "", StringComparison.Ordinal).ToLowerInvariant()} cannot be used");
        }
    }

    private Term NullTest(Term operand, bool isNull, JsonElement node) => operand switch
    {
        TypedTerm<bool> bools => new NullTestTerm<bool>(bools, isNull),
        TypedTerm<long> integers => new NullTestTerm<long>(integers, isNull),
        TypedTerm<double> floats => new NullTestTerm<double>(floats, isNull),
        TypedTerm<Int128> decimals => new NullTestTerm<Int128>(decimals, isNull),
        TypedTerm<ReadOnlyMemory<byte>> texts => new NullTestTerm<ReadOnlyMemory<byte>>(texts, isNull),
        _ => throw Fault(node, "an interval cannot be used here"),
    };

    /// <summary>Functions whose arguments and result are of one type.</summary>
    public Term Same(JsonElement node, IReadOnlyList<Term> terms, SameKind kind)
    {
        var common = Unify(node, terms);
        if (common.Kind == TermKind.Null)
            return terms[0];
        return common.Kind switch
        {
            TermKind.Bool => Of<bool>(),
            TermKind.Float64 => Of<double>(),
            TermKind.Decimal => Of<Int128>(),
            TermKind.Text => Of<ReadOnlyMemory<byte>>(),
            TermKind.Interval => throw Fault(node, "intervals cannot be used here"),
            _ => Of<long>(),
        };

        Term Of<T>()
        {
            IReadOnlyList<TypedTerm<T>> items = [.. terms.Select(term => (TypedTerm<T>)Cast(term, common, node))];
            return kind == SameKind.First ? new FirstTerm<T>(common, items) : new ExtremeTerm<T>(common, items, Comparing.Of<T>(), kind == SameKind.Greatest ? 1 : -1);
        }
    }

    private Term In(JsonElement node, IReadOnlyList<Term> terms, bool negated)
    {
        var common = Unify(node, terms);
        return common.Kind switch
        {
            TermKind.Bool => Of<bool>(),
            TermKind.Float64 => Of<double>(),
            TermKind.Decimal => Of<Int128>(),
            TermKind.Text => Of<ReadOnlyMemory<byte>>(),
            TermKind.Null => Conversions.Null(TermType.Bool),
            TermKind.Interval => throw Fault(node, "intervals cannot be used here"),
            _ => Of<long>(),
        };

        Term Of<T>() => new InTerm<T>(
            (TypedTerm<T>)Cast(terms[0], common, node), [.. terms.Skip(1).Select(term => (TypedTerm<T>)Cast(term, common, node))], Comparing.Of<T>(), negated);
    }

    private Term Case(JsonElement node)
    {
        var checks = node.GetProperty("case_checks").EnumerateArray().ToList();
        var conditions = checks.ConvertAll(check => Condition(check.GetProperty("when_expr")));
        var results = checks.ConvertAll(check => Compile(check.GetProperty("then_expr")));
        var otherwise = Compile(node.GetProperty("else_expr"));
        var common = Unify(node, [.. results, otherwise]);
        return common.Kind switch
        {
            TermKind.Bool => Of<bool>(),
            TermKind.Float64 => Of<double>(),
            TermKind.Decimal => Of<Int128>(),
            TermKind.Text => Of<ReadOnlyMemory<byte>>(),
            TermKind.Null => otherwise,
            TermKind.Interval => throw Fault(node, "intervals cannot be used here"),
            _ => Of<long>(),
        };

        Term Of<T>() => new CaseTerm<T>(
            common,
            [.. conditions.Zip(results, (when, then) => (when, (TypedTerm<T>)Cast(then, common, node)))],
            (TypedTerm<T>)Cast(otherwise, common, node));
    }

    private Term Column(JsonElement node)
    {
        var names = node.GetProperty("column_names").EnumerateArray().Select(name => name.GetString()!).ToList();
        if (names.Count != 1)
            throw Fault(node, $"'{string.Join('.', names)}' must be a field's name alone");
        if (!_columns.TryGetValue(names[0], out var column))
            throw Fault(node, $"there is no field '{ObjectReader.Shorten(names[0])}'.{DidYouMean.Sentence(names[0], _columns.Keys)} Texts stand between single quotes");
        return column.Reader ?? throw Fault(node, $"'{names[0]}' is binary, which expressions cannot use");
    }

    private Term Constant(JsonElement node, JsonElement value)
    {
        var type = Text(value.GetProperty("type"), "id");
        if (value.GetProperty("is_null").GetBoolean())
            return new ConstantTerm<long>(new TermType(TermKind.Null));

        var content = value.GetProperty("value");
        switch (type)
        {
            case "BOOLEAN":
                return new ConstantTerm<bool>(TermType.Bool, content.GetBoolean());
            case "INTEGER":
                return new ConstantTerm<long>(TermType.Int32, content.GetInt64());
            case "BIGINT":
                return new ConstantTerm<long>(TermType.Int64, content.GetInt64());
            case "DOUBLE" when content.ValueKind == JsonValueKind.Number:
                return new ConstantTerm<double>(TermType.Float64, content.GetDouble());
            case "DECIMAL":
                var digits = value.GetProperty("type").GetProperty("type_info");
                var unscaled = content.ValueKind == JsonValueKind.Object
                    ? new Int128((ulong)content.GetProperty("upper").GetInt64(), content.GetProperty("lower").GetUInt64())
                    : content.GetInt64();
                return new ConstantTerm<Int128>(TermType.Decimal(digits.GetProperty("width").GetInt32(), digits.GetProperty("scale").GetInt32()), unscaled);
            case "VARCHAR":
                return new ConstantTerm<ReadOnlyMemory<byte>>(TermType.Text, System.Text.Encoding.UTF8.GetBytes(content.GetString()!));
            default:
                throw Fault(node, $"a literal of type {type} cannot be used");
        }
    }

    private Term CastNode(JsonElement node)
    {
        var child = node.GetProperty("child");
        var cast = node.GetProperty("cast_type");
        var tries = node.GetProperty("try_cast").GetBoolean();
        if (Text(cast, "id") == "INTERVAL")
            return Interval(node, child);

        TermType target = Text(cast, "id") switch
        {
            "BOOLEAN" => TermType.Bool,
            "INTEGER" => TermType.Int32,
            "BIGINT" => TermType.Int64,
            "DOUBLE" => TermType.Float64,
            "VARCHAR" => TermType.Text,
            "DATE" => TermType.Date,
            "TIMESTAMP" => TermType.Timestamp,
            "DECIMAL" when cast.GetProperty("type_info") is { ValueKind: JsonValueKind.Object } digits =>
                TermType.Decimal(digits.GetProperty("width").GetInt32(), digits.GetProperty("scale").GetInt32()),
            var other => throw Fault(node, $"the type {other} cannot be used: take BOOLEAN, INTEGER, BIGINT, DOUBLE, DECIMAL(p,s), VARCHAR, DATE or TIMESTAMP"),
        };
        return Cast(Compile(child), target, node, tries);
    }

    private ConstantTerm<TimeSpanParts> Interval(JsonElement node, JsonElement child)
    {
        if (Text(child, "class") != "CONSTANT"
            || !TimeSpanParts.TryParse(Text(child.GetProperty("value"), "value"), out var interval))
        {
            throw Fault(node, "an interval is a literal of whole numbers and units, such as INTERVAL '2 hours' or INTERVAL 3 DAY");
        }

        return new ConstantTerm<TimeSpanParts>(new TermType(TermKind.Interval), interval);
    }

    /// <summary>Computes what depends on no row, once.</summary>
    private Term Fold(Term term, JsonElement node) => term switch
    {
        TypedTerm<bool> bools => Fold(bools, node),
        TypedTerm<long> integers => Fold(integers, node),
        TypedTerm<double> floats => Fold(floats, node),
        TypedTerm<Int128> decimals => Fold(decimals, node),
        TypedTerm<ReadOnlyMemory<byte>> texts => Fold(texts, node),
        _ => term,
    };

    private ConstantTerm<T> Fold<T>(TypedTerm<T> term, JsonElement node)
    {
        var fault = new RowFault();
        if (term.TryGet(fault, out var value))
            return new ConstantTerm<T>(term.Type, value);
        return fault.IsSet ? throw Fault(node, fault.Message!) : new ConstantTerm<T>(term.Type);
    }
}
