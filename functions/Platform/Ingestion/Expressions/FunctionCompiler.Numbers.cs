using System.Text.Json;
using DataPlatform.Ingestion.Values;

namespace DataPlatform.Ingestion.Expressions;

/// <content>Numbers, and dates that are counted with.</content>
internal sealed partial class FunctionCompiler
{
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
}
