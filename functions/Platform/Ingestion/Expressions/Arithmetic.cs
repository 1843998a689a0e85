using DataPlatform.Ingestion.Values;

namespace DataPlatform.Ingestion.Expressions;

/// <summary>Numbers: types and rounding are the SQL engine's; overflow and division by zero are faults of the row.</summary>
internal static class Arithmetic
{
    /// <summary>Of <c>+</c>, <c>-</c> or <c>*</c>.</summary>
    /// <returns>Null when the result has more digits behind the point than a decimal can.</returns>
    public static TermType? DecimalResult(string name, TermType left, TermType right)
    {
        var widest = Math.Max(left.Precision, right.Precision);
        int precision, scale;
        if (name == "*")
        {
            scale = left.Scale + right.Scale;
            if (scale > 38)
                return null;
            precision = left.Precision + right.Precision;
            if (precision > 18 && widest <= 18 && scale < 18)
                precision = 18;
        }
        else
        {
            scale = Math.Max(left.Scale, right.Scale);
            precision = Math.Max(left.Precision - left.Scale, right.Precision - right.Scale) + scale + 1;
            if (precision > 18 && widest <= 18)
                precision = 18;
        }

        return TermType.Decimal(Math.Min(precision, 38), scale);
    }

    public static Term Integers(string name, TypedTerm<long> left, TypedTerm<long> right)
    {
        var type = left.Type.Kind == TermKind.Int64 || right.Type.Kind == TermKind.Int64 ? TermType.Int64 : TermType.Int32;
        var (least, most) = type.Kind == TermKind.Int32 ? ((Int128)int.MinValue, (Int128)int.MaxValue) : (long.MinValue, long.MaxValue);
        bool Checked(Int128 exact, RowFault fault, out long result)
        {
            result = unchecked((long)exact);
            return (exact >= least && exact <= most) || fault.Set(RowFault.OutOfRange);
        }

        return new BinaryTerm<long, long, long>(type, left, right, name switch
        {
            "+" => (long a, long b, RowFault fault, out long result) => Checked((Int128)a + b, fault, out result),
            "-" => (long a, long b, RowFault fault, out long result) => Checked((Int128)a - b, fault, out result),
            "*" => (long a, long b, RowFault fault, out long result) => Checked((Int128)a * b, fault, out result),
            "//" => (long a, long b, RowFault fault, out long result) => NotZero(b, fault, out result) && Checked((Int128)a / b, fault, out result),
            _ => (long a, long b, RowFault fault, out long result) => NotZero(b, fault, out result) && Checked((Int128)a % b, fault, out result),
        });
    }

    public static Term Floats(string name, TypedTerm<double> left, TypedTerm<double> right) => new BinaryTerm<double, double, double>(TermType.Float64, left, right, name switch
    {
        "+" => static (double a, double b, RowFault _, out double result) => Is(a + b, out result),
        "-" => static (double a, double b, RowFault _, out double result) => Is(a - b, out result),
        "*" => static (double a, double b, RowFault _, out double result) => Is(a * b, out result),
        "/" => static (double a, double b, RowFault fault, out double result) => Is(a / b, out result) && (b != 0 || fault.Set(RowFault.DivisionByZero)),
        _ => static (double a, double b, RowFault fault, out double result) => Is(a % b, out result) && (b != 0 || fault.Set(RowFault.DivisionByZero)),
    });

    /// <summary>Sums take operands of their own type, products as they are, remainders of one type.</summary>
    public static Term Decimals(string name, TermType type, TypedTerm<Int128> left, TypedTerm<Int128> right)
    {
        bool Checked(Int128 value, RowFault fault, out Int128 result)
        {
            result = value;
            return DecimalText.Fits(value, type.Precision) || fault.Set(RowFault.OutOfRange);
        }

        return new BinaryTerm<Int128, Int128, Int128>(type, left, right, name switch
        {
            "+" => (Int128 a, Int128 b, RowFault fault, out Int128 result) => TryAdd(a, b, fault, out result) && Checked(result, fault, out result),
            "-" => (Int128 a, Int128 b, RowFault fault, out Int128 result) => TryAdd(a, -b, fault, out result) && Checked(result, fault, out result),
            "*" => (Int128 a, Int128 b, RowFault fault, out Int128 result) =>
                TryMultiply(a, b, fault, out result) && Checked(result, fault, out result),
            _ => TryDivide,
        });
    }

    /// <summary>Rounds to digits behind the point; below 0 to tens, hundreds and so on.</summary>
    public static double Round(double value, long digits)
    {
        double rounded;
        if (digits < 0)
        {
            var power = Math.Pow(10, -Math.Max(digits, -400));
            rounded = Math.Round(value / power, MidpointRounding.AwayFromZero) * power;
            return double.IsFinite(rounded) ? rounded : 0;
        }

        var modifier = Math.Pow(10, Math.Min(digits, 400));
        rounded = Math.Round(value * modifier, MidpointRounding.AwayFromZero) / modifier;
        return double.IsFinite(rounded) ? rounded : value;
    }

    /// <summary>Downwards or upwards to a whole number, unscaled.</summary>
    public static Int128 Whole(Int128 value, int scale, bool up)
    {
        var (whole, rest) = Int128.DivRem(value, DecimalText.Powers[scale]);
        return rest == 0 ? whole : up ? (rest > 0 ? whole + 1 : whole) : rest < 0 ? whole - 1 : whole;
    }

    public static bool Is(double value, out double result)
    {
        result = value;
        return true;
    }

    private static bool NotZero(long value, RowFault fault, out long result)
    {
        result = 0;
        return value != 0 || fault.Set(RowFault.DivisionByZero);
    }

    private static bool TryDivide(Int128 a, Int128 b, RowFault fault, out Int128 rest)
    {
        rest = b == 0 ? 0 : a % b;
        return b != 0 || fault.Set(RowFault.DivisionByZero);
    }

    /// <summary>Two of 38 digits may add up to more than 128 bits hold.</summary>
    private static bool TryAdd(Int128 a, Int128 b, RowFault fault, out Int128 result)
    {
        result = unchecked(a + b);
        return ((a ^ result) & (b ^ result)) >= 0 || fault.Set(RowFault.OutOfRange);
    }

    private static bool TryMultiply(Int128 a, Int128 b, RowFault fault, out Int128 result)
    {
        result = unchecked(a * b);
        var small = a <= long.MaxValue && a >= long.MinValue && b <= long.MaxValue && b >= long.MinValue;
        return small || a == 0 || (result / a == b && !(a == -1 && b == Int128.MinValue)) || fault.Set(RowFault.OutOfRange);
    }
}
