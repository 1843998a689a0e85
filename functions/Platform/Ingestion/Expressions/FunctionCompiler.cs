using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.RegularExpressions;
using DataPlatform.Catalog;
using DataPlatform.Ingestion.Values;
using Utf8 = System.ReadOnlyMemory<byte>;

namespace DataPlatform.Ingestion.Expressions;

/// <summary>The functions and operators that expressions may use.</summary>
[SuppressMessage("Performance", "CA1859:Use concrete types when possible", Justification = "What a function is compiled to is its own matter.")]
internal sealed class FunctionCompiler(ExpressionCompiler compiler)
{
    private const int MaxPattern = 1000;

    /// <summary>By name: how many arguments at least and at most, and what makes the term.</summary>
    private static readonly Dictionary<string, (int Least, int Most, Func<FunctionCompiler, JsonElement, string, Term[], Term> Make)> Known =
        new(StringComparer.OrdinalIgnoreCase)
        {
            ["+"] = (1, 2, static (self, node, name, terms) => self.Add(node, name, terms)),
            ["-"] = (1, 2, static (self, node, name, terms) => self.Add(node, name, terms)),
            ["*"] = (2, 2, static (self, node, name, terms) => self.Calculate(node, name, terms[0], terms[1])),
            ["/"] = (2, 2, static (self, node, name, terms) => self.Divide(node, terms)),
            ["//"] = (2, 2, static (self, node, name, terms) => self.DivideWhole(node, terms)),
            ["%"] = (2, 2, static (self, node, _, terms) => self.Calculate(node, "%", terms[0], terms[1])),
            ["mod"] = (2, 2, static (self, node, _, terms) => self.Calculate(node, "%", terms[0], terms[1])),
            ["abs"] = (1, 1, static (self, node, _, terms) => self.Absolute(node, terms[0])),
            ["sign"] = (1, 1, static (self, node, _, terms) => self.Sign(node, terms[0])),
            ["round"] = (1, 2, static (self, node, _, terms) => self.Round(node, terms)),
            ["floor"] = (1, 1, static (self, node, name, terms) => self.Whole(node, name, terms[0])),
            ["ceil"] = (1, 1, static (self, node, name, terms) => self.Whole(node, name, terms[0])),
            ["ceiling"] = (1, 1, static (self, node, name, terms) => self.Whole(node, name, terms[0])),
            ["sqrt"] = (1, 1, static (self, node, _, terms) => self.SquareRoot(node, terms[0])),
            ["power"] = (2, 2, static (self, node, _, terms) => self.Power(node, terms)),
            ["pow"] = (2, 2, static (self, node, _, terms) => self.Power(node, terms)),
            ["greatest"] = (1, 100, static (self, node, _, terms) => self.Same(node, terms, SameKind.Greatest)),
            ["least"] = (1, 100, static (self, node, _, terms) => self.Same(node, terms, SameKind.Least)),
            ["nullif"] = (2, 2, static (self, node, _, terms) => self.NullIf(node, terms)),
            ["ifnull"] = (2, 2, static (self, node, _, terms) => self.Same(node, terms, SameKind.First)),
            ["lower"] = (1, 1, static (self, node, _, terms) => self.Case(node, terms[0], upper: false)),
            ["lcase"] = (1, 1, static (self, node, _, terms) => self.Case(node, terms[0], upper: false)),
            ["upper"] = (1, 1, static (self, node, _, terms) => self.Case(node, terms[0], upper: true)),
            ["ucase"] = (1, 1, static (self, node, _, terms) => self.Case(node, terms[0], upper: true)),
            ["trim"] = (1, 2, static (self, node, _, terms) => self.Trim(node, terms, start: true, end: true)),
            ["ltrim"] = (1, 2, static (self, node, _, terms) => self.Trim(node, terms, start: true, end: false)),
            ["rtrim"] = (1, 2, static (self, node, _, terms) => self.Trim(node, terms, start: false, end: true)),
            ["length"] = (1, 1, static (self, node, _, terms) => self.Length(node, terms[0])),
            ["len"] = (1, 1, static (self, node, _, terms) => self.Length(node, terms[0])),
            ["strlen"] = (1, 1, static (self, node, _, terms) => self.Bytes(node, terms[0])),
            ["substr"] = (2, 3, static (self, node, _, terms) => self.Substring(node, terms)),
            ["substring"] = (2, 3, static (self, node, _, terms) => self.Substring(node, terms)),
            ["left"] = (2, 2, static (self, node, _, terms) => self.Side(node, terms, TextFunctions.Left)),
            ["right"] = (2, 2, static (self, node, _, terms) => self.Side(node, terms, TextFunctions.Right)),
            ["replace"] = (3, 3, static (self, node, _, terms) => self.Replace(node, terms)),
            ["lpad"] = (3, 3, static (self, node, _, terms) => self.Pad(node, terms, left: true)),
            ["rpad"] = (3, 3, static (self, node, _, terms) => self.Pad(node, terms, left: false)),
            ["split_part"] = (3, 3, static (self, node, _, terms) => self.Split(node, terms)),
            ["concat"] = (1, 100, static (self, node, _, terms) => new ConcatTerm([.. terms.Select(term => self.AnyText(node, term))], skipNulls: true)),
            ["||"] = (2, 2, static (self, node, _, terms) => new ConcatTerm([.. terms.Select(term => self.AnyText(node, term))], skipNulls: false)),
            ["position"] = (2, 2, static (self, node, _, terms) => self.Position(node, terms)),
            ["strpos"] = (2, 2, static (self, node, _, terms) => self.Position(node, terms)),
            ["instr"] = (2, 2, static (self, node, _, terms) => self.Position(node, terms)),
            ["contains"] = (2, 2, static (self, node, _, terms) => self.Test(node, terms, static (text, part) => text.IndexOf(part) >= 0)),
            ["starts_with"] = (2, 2, static (self, node, _, terms) => self.Test(node, terms, static (text, part) => text.StartsWith(part))),
            ["ends_with"] = (2, 2, static (self, node, _, terms) => self.Test(node, terms, static (text, part) => text.EndsWith(part))),
            ["suffix"] = (2, 2, static (self, node, _, terms) => self.Test(node, terms, static (text, part) => text.EndsWith(part))),
            ["prefix"] = (2, 2, static (self, node, _, terms) => self.Test(node, terms, static (text, part) => text.StartsWith(part))),
            ["~~"] = (2, 2, static (self, node, _, terms) => self.Like(node, terms, fold: false, negated: false)),
            ["!~~"] = (2, 2, static (self, node, _, terms) => self.Like(node, terms, fold: false, negated: true)),
            ["~~*"] = (2, 2, static (self, node, _, terms) => self.Like(node, terms, fold: true, negated: false)),
            ["!~~*"] = (2, 2, static (self, node, _, terms) => self.Like(node, terms, fold: true, negated: true)),
            ["like_escape"] = (3, 3, static (self, node, _, terms) => self.Like(node, terms, fold: false, negated: false)),
            ["not_like_escape"] = (3, 3, static (self, node, _, terms) => self.Like(node, terms, fold: false, negated: true)),
            ["ilike_escape"] = (3, 3, static (self, node, _, terms) => self.Like(node, terms, fold: true, negated: false)),
            ["not_ilike_escape"] = (3, 3, static (self, node, _, terms) => self.Like(node, terms, fold: true, negated: true)),
            ["regexp_matches"] = (2, 2, static (self, node, _, terms) => self.Matches(node, terms, whole: false)),
            ["regexp_full_match"] = (2, 2, static (self, node, _, terms) => self.Matches(node, terms, whole: true)),
            ["date_trunc"] = (2, 2, static (self, node, _, terms) => self.Truncate(node, terms)),
            ["datetrunc"] = (2, 2, static (self, node, _, terms) => self.Truncate(node, terms)),
            ["date_part"] = (2, 2, static (self, node, _, terms) => self.Part(node, terms)),
            ["datepart"] = (2, 2, static (self, node, _, terms) => self.Part(node, terms)),
            ["date_diff"] = (3, 3, static (self, node, _, terms) => self.Difference(node, terms)),
            ["datediff"] = (3, 3, static (self, node, _, terms) => self.Difference(node, terms)),
        };

    /// <summary>The names of all functions, for people.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Known.Keys.Where(name => char.IsAsciiLetter(name[0])).Order(StringComparer.Ordinal)];

    public Term Compile(JsonElement node)
    {
        var name = ExpressionCompiler.Text(node, "function_name");
        if (name.StartsWith("to_", StringComparison.Ordinal) && ExpressionCompiler.Children(node).Count() == 1 && Unit(name[3..], node) is { } interval)
            return interval;
        if (!Known.TryGetValue(name, out var function))
            throw compiler.Fault(node, $"the function '{ObjectReader.Shorten(name)}' cannot be used.{DidYouMean.Sentence(name, Names)} Known: {string.Join(", ", Names)}");
        if (node.GetProperty("distinct").GetBoolean() || node.GetProperty("filter").ValueKind != JsonValueKind.Null)
            throw compiler.Fault(node, "it must be computed from one row, without DISTINCT and FILTER");

        var terms = ExpressionCompiler.Children(node).Select(compiler.Compile).ToArray();
        if (terms.Length < function.Least || terms.Length > function.Most)
        {
            var count = function.Least == function.Most ? $"{function.Least}" : $"{function.Least} to {function.Most}";
            throw compiler.Fault(node, $"'{name}' takes {count} arguments, not {terms.Length}");
        }

        return function.Make(this, node, name, terms);
    }

    private static bool Is<T>(T value, out T result)
    {
        result = value;
        return true;
    }

    private Term Same(JsonElement node, Term[] terms, SameKind kind) => compiler.Same(node, terms, kind);

    /// <summary><c>INTERVAL 3 DAY</c>, which the parser makes <c>to_days(CAST(trunc(CAST(3 AS DOUBLE)) AS INTEGER))</c>.</summary>
    private Term? Unit(string unit, JsonElement node)
    {
        if (!TimeSpanParts.TryCreate(unit, 1, out _))
            return null;
        var inner = ExpressionCompiler.Children(node).First();
        while (inner.TryGetProperty("child", out var child) || (inner.TryGetProperty("children", out var children) && children.GetArrayLength() == 1 && (child = children[0]).ValueKind == JsonValueKind.Object))
            inner = child;
        if (inner.TryGetProperty("value", out var constant) && constant.TryGetProperty("value", out var value)
            && long.TryParse(value.ToString(), out var count) && TimeSpanParts.TryCreate(unit, count, out var interval))
        {
            return new ConstantTerm<TimeSpanParts>(new TermType(TermKind.Interval), interval);
        }

        throw compiler.Fault(node, "an interval is a literal of whole numbers and units, such as INTERVAL '2 hours' or INTERVAL 3 DAY");
    }

    private TypedTerm<Utf8> AnyText(JsonElement node, Term term) => (TypedTerm<Utf8>)compiler.Cast(term, TermType.Text, node);

    private TypedTerm<Utf8> Text(JsonElement node, Term term) => term.Type.Kind is TermKind.Text or TermKind.Null
        ? AnyText(node, term)
        : throw compiler.Fault(node, $"a text is needed, and this is {term.Type}: use CAST");

    private TypedTerm<long> Integer(JsonElement node, Term term) => term.Type.IsInteger || term.Type.Kind == TermKind.Null
        ? (TypedTerm<long>)compiler.Cast(term, TermType.Int64, node)
        : throw compiler.Fault(node, $"a whole number is needed, and this is {term.Type}: use CAST");

    private TypedTerm<double> Float(JsonElement node, Term term) => term.Type.IsNumber || term.Type.Kind == TermKind.Null
        ? (TypedTerm<double>)compiler.Cast(term, TermType.Float64, node)
        : throw compiler.Fault(node, $"a number is needed, and this is {term.Type}: use CAST");

    private TypedTerm<long> Moment(JsonElement node, Term term) => term.Type.Kind is TermKind.Date or TermKind.Timestamp or TermKind.Null
        || term is { IsConstant: true, Type.Kind: TermKind.Text }
            ? (TypedTerm<long>)compiler.Cast(term, TermType.Timestamp, node)
            : throw compiler.Fault(node, $"a date or timestamp is needed, and this is {term.Type}: use CAST");

    private string Literal(JsonElement node, Term term, IReadOnlyList<string> known)
    {
        if (term is ConstantTerm<Utf8> literal && literal.TryGet(new RowFault(), out var text))
        {
            var word = System.Text.Encoding.UTF8.GetString(text.Span).ToLowerInvariant();
            if (known.Contains(word, StringComparer.Ordinal))
                return word;
            if (word.EndsWith('s') && known.Contains(word[..^1], StringComparer.Ordinal))
                return word[..^1];
        }

        throw compiler.Fault(node, $"the part must be one of {string.Join(", ", known)}, as a literal");
    }

    private Term Number(JsonElement node, Term term) => term.Type.IsNumber ? term
        : term.Type.Kind == TermKind.Null ? compiler.Cast(term, TermType.Int32, node)
        : throw compiler.Fault(node, $"a number is needed, and this is {term.Type}: use CAST");

    private Term Add(JsonElement node, string name, Term[] terms)
    {
        if (terms.Length == 1)
            return name == "+" ? Number(node, terms[0]) : Negate(Number(node, terms[0]));

        var (left, right) = (terms[0], terms[1]);
        if (name == "+" && right.Type.Kind is TermKind.Date or TermKind.Timestamp)
            (left, right) = (right, left);
        switch (left.Type.Kind, right.Type.Kind)
        {
            case (TermKind.Date or TermKind.Timestamp, TermKind.Interval):
                ((ConstantTerm<TimeSpanParts>)right).TryGet(new RowFault(), out var interval);
                if (name == "-")
                    interval = interval.Negated();
                return new UnaryTerm<long, long>(TermType.Timestamp, Moment(node, left), (long micros, RowFault fault, out long result) =>
                    DateFunctions.TryAdd(micros, interval, fault, out result));
            case (TermKind.Date, TermKind.Int32 or TermKind.Int64):
                var sign = name == "-" ? -1 : 1;
                return new BinaryTerm<long, long, long>(TermType.Date, (TypedTerm<long>)left, Integer(node, right), (long days, long count, RowFault fault, out long result) =>
                {
                    var sum = days + ((Int128)count * sign);
                    result = sum >= -DateText.UnixEpochDay && sum <= DateText.LastDay ? (long)sum : 0;
                    return sum == result || fault.Set(RowFault.OutOfRange);
                });
            case (TermKind.Date, TermKind.Date) when name == "-":
                return new BinaryTerm<long, long, long>(TermType.Int64, (TypedTerm<long>)left, (TypedTerm<long>)right, static (long a, long b, RowFault _, out long result) =>
                    Is(a - b, out result));
            case (TermKind.Date or TermKind.Timestamp, TermKind.Date or TermKind.Timestamp):
                throw compiler.Fault(node, "use date_diff('second', from, to) for the time between two moments");
            default:
                return Calculate(node, name, left, right);
        }
    }

    private static Term Negate(Term term) => term switch
    {
        TypedTerm<double> floats => new UnaryTerm<double, double>(term.Type, floats, static (double value, RowFault _, out double result) => Is(-value, out result)),
        TypedTerm<Int128> decimals => new UnaryTerm<Int128, Int128>(term.Type, decimals, static (Int128 value, RowFault _, out Int128 result) => Is(-value, out result)),
        _ => new UnaryTerm<long, long>(term.Type, (TypedTerm<long>)term, (long value, RowFault fault, out long result) =>
        {
            result = value;
            if (value == (term.Type.Kind == TermKind.Int32 ? int.MinValue : long.MinValue))
                return fault.Set(RowFault.OutOfRange);
            result = -value;
            return true;
        }),
    };

    private Term Calculate(JsonElement node, string name, Term left, Term right)
    {
        (left, right) = (Number(node, left), Number(node, right));
        if (left.Type.Kind == TermKind.Float64 || right.Type.Kind == TermKind.Float64)
            return Arithmetic.Floats(name, Float(node, left), Float(node, right));
        if (left.Type.IsInteger && right.Type.IsInteger)
            return Arithmetic.Integers(name, (TypedTerm<long>)left, (TypedTerm<long>)right);

        var type = name == "%"
            ? compiler.Unify(node, left, right)
            : Arithmetic.DecimalResult(name, left.Type.AsDecimal, right.Type.AsDecimal)
                ?? throw compiler.Fault(node, $"{left.Type} times {right.Type} has more than 38 digits behind the point: CAST one of them to fewer");
        var (first, second) = name == "*" ? (left.Type.AsDecimal, right.Type.AsDecimal) : (type, type);
        return Arithmetic.Decimals(name, type, (TypedTerm<Int128>)compiler.Cast(left, first, node), (TypedTerm<Int128>)compiler.Cast(right, second, node));
    }

    private Term Divide(JsonElement node, Term[] terms) => Arithmetic.Floats("/", Float(node, terms[0]), Float(node, terms[1]));

    private Term DivideWhole(JsonElement node, Term[] terms) => terms[0].Type.IsInteger && terms[1].Type.IsInteger
        ? Arithmetic.Integers("//", (TypedTerm<long>)terms[0], (TypedTerm<long>)terms[1])
        : throw compiler.Fault(node, "'//' divides whole numbers: use '/' or floor");

    private Term Absolute(JsonElement node, Term term) => Number(node, term) switch
    {
        TypedTerm<double> floats => new UnaryTerm<double, double>(floats.Type, floats, static (double value, RowFault _, out double result) => Is(Math.Abs(value), out result)),
        TypedTerm<Int128> decimals => new UnaryTerm<Int128, Int128>(decimals.Type, decimals, static (Int128 value, RowFault _, out Int128 result) => Is(Int128.Abs(value), out result)),
        var integers => new UnaryTerm<long, long>(integers.Type, (TypedTerm<long>)integers, (long value, RowFault fault, out long result) =>
        {
            result = 0;
            if (value == (integers.Type.Kind == TermKind.Int32 ? int.MinValue : long.MinValue))
                return fault.Set(RowFault.OutOfRange);
            result = Math.Abs(value);
            return true;
        }),
    };

    private Term Sign(JsonElement node, Term term) => Number(node, term) switch
    {
        TypedTerm<double> floats => new UnaryTerm<double, long>(TermType.Int32, floats, static (double value, RowFault _, out long result) =>
            Is(value > 0 ? 1 : value < 0 ? -1 : 0, out result)),
        TypedTerm<Int128> decimals => new UnaryTerm<Int128, long>(TermType.Int32, decimals, static (Int128 value, RowFault _, out long result) =>
            Is(value > 0 ? 1 : value < 0 ? -1 : 0, out result)),
        var integers => new UnaryTerm<long, long>(TermType.Int32, (TypedTerm<long>)integers, static (long value, RowFault _, out long result) => Is(Math.Sign(value), out result)),
    };

    private Term Round(JsonElement node, Term[] terms)
    {
        var term = Number(node, terms[0]);
        var digits = 0L;
        if (terms.Length == 2 && !(terms[1] is { IsConstant: true, Type.IsInteger: true } && Integer(node, terms[1]).TryGet(new RowFault(), out digits)))
            throw compiler.Fault(node, "the number of digits must be a literal");
        digits = Math.Clamp(digits, -400, 400);
        switch (term)
        {
            case TypedTerm<double> floats:
                return new UnaryTerm<double, double>(TermType.Float64, floats, (double value, RowFault _, out double result) => Is(Arithmetic.Round(value, digits), out result));
            case TypedTerm<Int128> decimals when digits >= decimals.Type.Scale:
                return decimals;
            case TypedTerm<Int128> decimals:
                var type = TermType.Decimal(decimals.Type.Precision, (int)Math.Max(0, digits));
                var drop = decimals.Type.Scale - digits;
                var power = digits < 0 && -digits <= 38 ? DecimalText.Powers[-digits] : 1;
                return new UnaryTerm<Int128, Int128>(type, decimals, (Int128 value, RowFault fault, out Int128 result) =>
                {
                    result = drop > 38 ? 0 : Conversions.Rounded(value, (int)drop) * power;
                    return DecimalText.Fits(result, type.Precision) || fault.Set(RowFault.OutOfRange);
                });
            case TypedTerm<long> integers when digits >= 0:
                return integers;
            default:
                var unit = -digits <= 19 ? DecimalText.Powers[-digits] : 0;
                var (least, most) = term.Type.Kind == TermKind.Int32 ? ((Int128)int.MinValue, (Int128)int.MaxValue) : (long.MinValue, long.MaxValue);
                return new UnaryTerm<long, long>(term.Type, (TypedTerm<long>)term, (long value, RowFault fault, out long result) =>
                {
                    var rounded = unit == 0 ? 0 : Conversions.Rounded(value, (int)-digits) * unit;
                    result = unchecked((long)rounded);
                    return (rounded >= least && rounded <= most) || fault.Set(RowFault.OutOfRange);
                });
        }
    }

    private Term Whole(JsonElement node, string name, Term term)
    {
        var up = name != "floor";
        return Number(node, term) switch
        {
            TypedTerm<Int128> decimals => new UnaryTerm<Int128, Int128>(TermType.Decimal(decimals.Type.Precision, 0), decimals, (Int128 value, RowFault _, out Int128 result) =>
                Is(Arithmetic.Whole(value, decimals.Type.Scale, up), out result)),
            var number => new UnaryTerm<double, double>(TermType.Float64, Float(node, number), up
                ? static (double value, RowFault _, out double result) => Is(Math.Ceiling(value), out result)
                : static (double value, RowFault _, out double result) => Is(Math.Floor(value), out result)),
        };
    }

    private Term SquareRoot(JsonElement node, Term term) =>
        new UnaryTerm<double, double>(TermType.Float64, Float(node, term), static (double value, RowFault fault, out double result) =>
            Is(Math.Sqrt(value), out result) && (value >= 0 || double.IsNaN(value) || fault.Set("a square root of a negative number")));

    private Term Power(JsonElement node, Term[] terms) =>
        new BinaryTerm<double, double, double>(TermType.Float64, Float(node, terms[0]), Float(node, terms[1]), static (double value, double exponent, RowFault _, out double result) =>
            Is(Math.Pow(value, exponent), out result));

    private Term NullIf(JsonElement node, Term[] terms)
    {
        var common = compiler.Unify(node, terms);
        if (common.Kind == TermKind.Null)
            return terms[0];
        if (common.Kind == TermKind.Interval)
            throw compiler.Fault(node, "intervals cannot be used here");
        var operand = terms[0].Type.Kind == TermKind.Null ? compiler.Cast(terms[0], common, node) : terms[0];
        return operand switch
        {
            TypedTerm<bool> bools => Compared(bools),
            TypedTerm<double> floats => Compared(floats),
            TypedTerm<Int128> decimals => Compared(decimals),
            TypedTerm<Utf8> texts => Compared(texts),
            _ => Compared((TypedTerm<long>)operand),
        };

        Term Compared<T>(TypedTerm<T> first) => common.Kind switch
        {
            TermKind.Bool => Of<T, bool>(first),
            TermKind.Float64 => Of<T, double>(first),
            TermKind.Decimal => Of<T, Int128>(first),
            TermKind.Text => Of<T, Utf8>(first),
            _ => Of<T, long>(first),
        };

        Term Of<T, TCompared>(TypedTerm<T> first) => new NullIfTerm<T, TCompared>(
            first, (TypedTerm<TCompared>)compiler.Cast(first, common, node), (TypedTerm<TCompared>)compiler.Cast(terms[1], common, node), Comparing.Of<TCompared>());
    }

    private Term Case(JsonElement node, Term term, bool upper)
    {
        var scratch = new TextScratch();
        return new UnaryTerm<Utf8, Utf8>(TermType.Text, Text(node, term), (Utf8 text, RowFault _, out Utf8 result) => Is(TextFunctions.ChangeCase(text, upper, scratch), out result));
    }

    private Term Trim(JsonElement node, Term[] terms, bool start, bool end) => terms.Length == 1
        ? new UnaryTerm<Utf8, Utf8>(TermType.Text, Text(node, terms[0]), (Utf8 text, RowFault _, out Utf8 result) => Is(TextFunctions.Trim(text, null, start, end), out result))
        : new BinaryTerm<Utf8, Utf8, Utf8>(TermType.Text, Text(node, terms[0]), Text(node, terms[1]), (Utf8 text, Utf8 set, RowFault _, out Utf8 result) =>
            Is(TextFunctions.Trim(text, set, start, end), out result));

    private Term Length(JsonElement node, Term term) =>
        new UnaryTerm<Utf8, long>(TermType.Int64, Text(node, term), static (Utf8 text, RowFault _, out long result) => Is(TextFunctions.Length(text.Span), out result));

    private Term Bytes(JsonElement node, Term term) =>
        new UnaryTerm<Utf8, long>(TermType.Int64, Text(node, term), static (Utf8 text, RowFault _, out long result) => Is((long)text.Length, out result));

    private Term Substring(JsonElement node, Term[] terms) => terms.Length == 2
        ? new BinaryTerm<Utf8, long, Utf8>(TermType.Text, Text(node, terms[0]), Integer(node, terms[1]), static (Utf8 text, long start, RowFault _, out Utf8 result) =>
            Is(TextFunctions.Substring(text, start, null), out result))
        : new TernaryTerm<Utf8, long, long, Utf8>(TermType.Text, Text(node, terms[0]), Integer(node, terms[1]), Integer(node, terms[2]),
            static (Utf8 text, long start, long count, RowFault _, out Utf8 result) => Is(TextFunctions.Substring(text, start, count), out result));

    private Term Side(JsonElement node, Term[] terms, Func<Utf8, long, Utf8> take) =>
        new BinaryTerm<Utf8, long, Utf8>(TermType.Text, Text(node, terms[0]), Integer(node, terms[1]), (Utf8 text, long count, RowFault _, out Utf8 result) =>
            Is(take(text, count), out result));

    private Term Replace(JsonElement node, Term[] terms)
    {
        var scratch = new TextScratch();
        return new TernaryTerm<Utf8, Utf8, Utf8, Utf8>(TermType.Text, Text(node, terms[0]), Text(node, terms[1]), Text(node, terms[2]),
            (Utf8 text, Utf8 from, Utf8 to, RowFault fault, out Utf8 result) => TextFunctions.TryReplace(text.Span, from.Span, to.Span, scratch, fault, out result));
    }

    private Term Pad(JsonElement node, Term[] terms, bool left)
    {
        var scratch = new TextScratch();
        return new TernaryTerm<Utf8, long, Utf8, Utf8>(TermType.Text, Text(node, terms[0]), Integer(node, terms[1]), Text(node, terms[2]),
            (Utf8 text, long length, Utf8 padding, RowFault fault, out Utf8 result) => TextFunctions.TryPad(text, length, padding, left, scratch, fault, out result));
    }

    private Term Split(JsonElement node, Term[] terms) =>
        new TernaryTerm<Utf8, Utf8, long, Utf8>(TermType.Text, Text(node, terms[0]), Text(node, terms[1]), Integer(node, terms[2]),
            static (Utf8 text, Utf8 separator, long part, RowFault _, out Utf8 result) => Is(TextFunctions.Split(text, separator, part), out result));

    private Term Position(JsonElement node, Term[] terms) =>
        new BinaryTerm<Utf8, Utf8, long>(TermType.Int64, Text(node, terms[0]), Text(node, terms[1]), static (Utf8 text, Utf8 part, RowFault _, out long result) =>
            Is(TextFunctions.Position(text.Span, part.Span), out result));

    private delegate bool TextTest(ReadOnlySpan<byte> text, ReadOnlySpan<byte> part);

    private Term Test(JsonElement node, Term[] terms, TextTest test) =>
        new BinaryTerm<Utf8, Utf8, bool>(TermType.Bool, Text(node, terms[0]), Text(node, terms[1]), (Utf8 text, Utf8 part, RowFault _, out bool result) =>
            Is(test(text.Span, part.Span), out result));

    private Term Like(JsonElement node, Term[] terms, bool fold, bool negated)
    {
        var escape = -1;
        if (terms.Length == 3)
        {
            if (!Text(node, terms[2]).TryGet(new RowFault(), out var literal) || !terms[2].IsConstant || literal.Length != 1)
                throw compiler.Fault(node, "ESCAPE takes one ASCII character as a literal");
            escape = literal.Span[0];
        }

        var (text, pattern) = fold ? ((TypedTerm<Utf8>)Case(node, terms[0], upper: false), (TypedTerm<Utf8>)Case(node, terms[1], upper: false)) : (Text(node, terms[0]), Text(node, terms[1]));
        return new BinaryTerm<Utf8, Utf8, bool>(TermType.Bool, text, pattern, (Utf8 given, Utf8 form, RowFault _, out bool result) =>
            Is(TextFunctions.Like(given.Span, form.Span, escape) != negated, out result));
    }

    private Term Matches(JsonElement node, Term[] terms, bool whole)
    {
        if (terms[1] is not ConstantTerm<Utf8> literal || !literal.TryGet(new RowFault(), out var text) || text.Length > MaxPattern)
            throw compiler.Fault(node, $"the regular expression must be a literal of at most {MaxPattern} characters");
        var pattern = System.Text.Encoding.UTF8.GetString(text.Span);
        try
        {
            var regex = new Regex(whole ? $@"\A(?:{pattern})\z" : pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
            return new UnaryTerm<Utf8, bool>(TermType.Bool, Text(node, terms[0]), (Utf8 value, RowFault _, out bool result) => Is(Matching.IsMatch(regex, value.Span), out result));
        }
        catch (ArgumentException fault)
        {
            throw compiler.Fault(node, $"this is not a regular expression: {fault.Message.TrimEnd('.')}");
        }
        catch (NotSupportedException)
        {
            throw compiler.Fault(node, "regular expressions must run in linear time: no lookaround, backreferences, atomic groups or conditionals, and no very large counts");
        }
    }

    private Term Truncate(JsonElement node, Term[] terms)
    {
        var part = Literal(node, terms[0], DateFunctions.Truncations);
        return new UnaryTerm<long, long>(TermType.Timestamp, Moment(node, terms[1]), (long micros, RowFault _, out long result) => Is(DateFunctions.Truncate(part, micros), out result));
    }

    private Term Part(JsonElement node, Term[] terms)
    {
        var part = Literal(node, terms[0], DateFunctions.Parts);
        return part == "epoch"
            ? new UnaryTerm<long, double>(TermType.Float64, Moment(node, terms[1]), static (long micros, RowFault _, out double result) => Is(micros / 1e6, out result))
            : new UnaryTerm<long, long>(TermType.Int64, Moment(node, terms[1]), (long micros, RowFault _, out long result) => Is(DateFunctions.Part(part, micros), out result));
    }

    private Term Difference(JsonElement node, Term[] terms)
    {
        var part = Literal(node, terms[0], DateFunctions.Differences);
        return new BinaryTerm<long, long, long>(TermType.Int64, Moment(node, terms[1]), Moment(node, terms[2]), (long from, long to, RowFault _, out long result) =>
            Is(DateFunctions.Difference(part, from, to), out result));
    }
}
