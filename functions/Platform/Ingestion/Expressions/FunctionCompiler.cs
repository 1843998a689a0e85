using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using DataPlatform.Catalog;
using Utf8 = System.ReadOnlyMemory<byte>;

namespace DataPlatform.Ingestion.Expressions;

/// <summary>The functions and operators that expressions may use.</summary>
[SuppressMessage("Performance", "CA1859:Use concrete types when possible", Justification = "What a function is compiled to is its own matter.")]
internal sealed partial class FunctionCompiler(ExpressionCompiler compiler)
{
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
