using System.Buffers.Text;
using System.Globalization;
using System.Text;
using DataPlatform.Ingestion.Values;

namespace DataPlatform.Ingestion.Expressions;

/// <summary>Casts between types. Numbers are rounded as the SQL engine rounds them; texts are read as strictly as a contract's values.</summary>
internal static class Conversions
{
    private const long MaxExactDouble = 1L << 53;

    /// <summary>A term of another type.</summary>
    /// <param name="tries">What cannot be cast becomes null instead of a fault.</param>
    /// <returns>Null when there is no such cast.</returns>
    public static Term? TryCast(Term term, TermType target, bool tries)
    {
        if (term.Type == target || (term.Type.Kind == target.Kind && target.Kind != TermKind.Decimal))
            return term;
        if (term.Type.Kind == TermKind.Null)
            return Null(target);

        var cast = (term.Type.Kind, target.Kind) switch
        {
            (_, TermKind.Text) => ToText(term),
            (TermKind.Int32, TermKind.Int64) => Of<long, long>(Keep),
            (TermKind.Int64, TermKind.Int32) => Of<long, long>(ToInt32),
            (TermKind.Int32 or TermKind.Int64, TermKind.Float64) => Of<long, double>(ToDouble),
            (TermKind.Int32 or TermKind.Int64, TermKind.Decimal) => Of<long, Int128>(ToDecimal),
            (TermKind.Int32 or TermKind.Int64, TermKind.Bool) => Of<long, bool>(static (long value, RowFault _, out bool result) => IsNot(value != 0, out result)),
            (TermKind.Bool, TermKind.Int32 or TermKind.Int64) => Of<bool, long>(static (bool value, RowFault _, out long result) => Is(value ? 1 : 0, out result)),
            (TermKind.Float64, TermKind.Int32 or TermKind.Int64) => Of<double, long>(FloatToInteger),
            (TermKind.Float64, TermKind.Decimal) => Of<double, Int128>(FloatToDecimal),
            (TermKind.Decimal, TermKind.Int32 or TermKind.Int64) => Of<Int128, long>(DecimalToInteger),
            (TermKind.Decimal, TermKind.Float64) => Of<Int128, double>(DecimalToFloat),
            (TermKind.Decimal, TermKind.Decimal) => Of<Int128, Int128>(Rescale),
            (TermKind.Date, TermKind.Timestamp) => Of<long, long>(static (long days, RowFault _, out long result) => Is(days * DateText.MicrosPerDay, out result)),
            (TermKind.Timestamp, TermKind.Date) => Of<long, long>(static (long micros, RowFault _, out long result) => Is(DateFunctions.DayOf(micros), out result)),
            (TermKind.Text, TermKind.Bool) => Of<ReadOnlyMemory<byte>, bool>(TextToBool),
            (TermKind.Text, TermKind.Int32 or TermKind.Int64) => Of<ReadOnlyMemory<byte>, long>(TextToInteger),
            (TermKind.Text, TermKind.Float64) => Of<ReadOnlyMemory<byte>, double>(TextToFloat),
            (TermKind.Text, TermKind.Decimal) => Of<ReadOnlyMemory<byte>, Int128>(TextToDecimal),
            (TermKind.Text, TermKind.Date) => Of<ReadOnlyMemory<byte>, long>(TextToDate),
            (TermKind.Text, TermKind.Timestamp) => Of<ReadOnlyMemory<byte>, long>(TextToTimestamp),
            _ => null,
        };
        return cast;

        Term Of<TFrom, TTo>(UnaryTerm<TFrom, TTo>.Function function)
        {
            var operand = (TypedTerm<TFrom>)term;
            return tries ? new TryTerm<TFrom, TTo>(operand, function, target) : new UnaryTerm<TFrom, TTo>(target, operand, function);
        }

        bool ToInt32(long value, RowFault fault, out long result) => Is(value, out result) && (value is >= int.MinValue and <= int.MaxValue || fault.Set(RowFault.OutOfRange));

        bool ToDecimal(long value, RowFault fault, out Int128 result)
        {
            // 19 digits and 38 behind the point are more than 128 bits hold, but then only zero fits.
            result = value;
            if (value != 0 && target.Scale + Digits(value) > 38)
                return fault.Set(RowFault.OutOfRange);
            if (value != 0)
                result *= DecimalText.Powers[target.Scale];
            return DecimalText.Fits(result, target.Precision) || fault.Set(RowFault.OutOfRange);
        }

        bool FloatToInteger(double value, RowFault fault, out long result)
        {
            var rounded = Math.Round(value, MidpointRounding.ToEven);
            var inside = target.Kind == TermKind.Int32 ? rounded is >= int.MinValue and <= int.MaxValue : rounded is >= -9223372036854775808.0 and < 9223372036854775808.0;
            result = inside ? (long)rounded : 0;
            return inside || fault.Set(RowFault.OutOfRange);
        }

        bool FloatToDecimal(double value, RowFault fault, out Int128 result)
        {
            var scaled = Math.Round(value * (double)DecimalText.Powers[target.Scale], MidpointRounding.AwayFromZero);
            var inside = Math.Abs(scaled) < (double)DecimalText.Powers[target.Precision];
            result = inside ? (Int128)scaled : 0;
            return inside || fault.Set(RowFault.OutOfRange);
        }

        bool DecimalToInteger(Int128 value, RowFault fault, out long result)
        {
            var rounded = Rounded(value, term.Type.Scale);
            var inside = target.Kind == TermKind.Int32 ? rounded >= int.MinValue && rounded <= int.MaxValue : rounded >= long.MinValue && rounded <= long.MaxValue;
            result = inside ? (long)rounded : 0;
            return inside || fault.Set(RowFault.OutOfRange);
        }

        bool DecimalToFloat(Int128 value, RowFault fault, out double result)
        {
            var power = DecimalText.Powers[term.Type.Scale];
            if (term.Type.Scale == 0 || (value >= -MaxExactDouble && value <= MaxExactDouble))
            {
                result = (double)value / (double)power;
            }
            else
            {
                var (whole, rest) = Int128.DivRem(value, power);
                result = (double)whole + ((double)rest / (double)power);
            }

            return true;
        }

        bool Rescale(Int128 value, RowFault fault, out Int128 result) =>
            TryRescale(value, term.Type.Scale, target.Scale, out result) && DecimalText.Fits(result, target.Precision) || fault.Set(RowFault.OutOfRange);

        bool TextToInteger(ReadOnlyMemory<byte> text, RowFault fault, out long result) =>
            IntegerText.TryParse(text.Span, out result) && (target.Kind == TermKind.Int64 || result is >= int.MinValue and <= int.MaxValue) || fault.Set(NotA(target));

        bool TextToDecimal(ReadOnlyMemory<byte> text, RowFault fault, out Int128 result) =>
            DecimalText.TryParse(text.Span, target.Precision, target.Scale, out result) || fault.Set(NotA(target));
    }

    /// <summary>NULL as a type.</summary>
    public static Term Null(TermType type) => type.Kind switch
    {
        TermKind.Bool => new ConstantTerm<bool>(type),
        TermKind.Float64 => new ConstantTerm<double>(type),
        TermKind.Decimal => new ConstantTerm<Int128>(type),
        TermKind.Text => new ConstantTerm<ReadOnlyMemory<byte>>(type),
        _ => new ConstantTerm<long>(type),
    };

    /// <summary>Half a unit is rounded away from zero.</summary>
    public static Int128 Rounded(Int128 value, int scale)
    {
        if (scale == 0)
            return value;
        var power = DecimalText.Powers[scale];
        var (whole, rest) = Int128.DivRem(value, power);
        return Int128.Abs(rest) >= power - Int128.Abs(rest) ? whole + (value < 0 ? -1 : 1) : whole;
    }

    public static bool TryRescale(Int128 value, int from, int to, out Int128 result)
    {
        result = value;
        if (to < from)
        {
            result = Rounded(value, from - to);
        }
        else if (to > from)
        {
            if (!DecimalText.Fits(value, 38 - (to - from)))
                return false;
            result = value * DecimalText.Powers[to - from];
        }

        return true;
    }

    private static bool Is(long value, out long result)
    {
        result = value;
        return true;
    }

    private static bool IsNot(bool value, out bool result)
    {
        result = value;
        return true;
    }

    private static bool Keep(long value, RowFault fault, out long result) => Is(value, out result);

    private static bool ToDouble(long value, RowFault fault, out double result)
    {
        result = value;
        return true;
    }

    private static int Digits(long value)
    {
        var digits = 1;
        for (var rest = UInt128.CreateTruncating(Int128.Abs(value)); rest >= 10; rest /= 10)
            digits++;
        return digits;
    }

    private static string NotA(TermType type) => $"a text is no {type}";

    private static bool TextToBool(ReadOnlyMemory<byte> text, RowFault fault, out bool result)
    {
        result = Ascii.EqualsIgnoreCase(text.Span, "true"u8) || Ascii.EqualsIgnoreCase(text.Span, "t"u8);
        return result || Ascii.EqualsIgnoreCase(text.Span, "false"u8) || Ascii.EqualsIgnoreCase(text.Span, "f"u8) || fault.Set(NotA(TermType.Bool));
    }

    private static bool TextToFloat(ReadOnlyMemory<byte> text, RowFault fault, out double result) =>
        double.TryParse(text.Span, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out result)
            && double.IsFinite(result)
            || fault.Set(NotA(TermType.Float64));

    private static bool TextToDate(ReadOnlyMemory<byte> text, RowFault fault, out long result)
    {
        var read = DateText.TryParseDate(text.Span, out var days);
        result = days;
        return read || fault.Set(NotA(TermType.Date));
    }

    private static bool TextToTimestamp(ReadOnlyMemory<byte> text, RowFault fault, out long result)
    {
        if (DateText.TryParseDate(text.Span, out var days))
            return Is(days * DateText.MicrosPerDay, out result);
        return DateText.TryParseTimestamp(text.Span, out result, out _) || fault.Set(NotA(TermType.Timestamp));
    }

    private static Term? ToText(Term term)
    {
        var scratch = new TextScratch();
        return term switch
        {
            TypedTerm<bool> bools => new UnaryTerm<bool, ReadOnlyMemory<byte>>(TermType.Text, bools,
                (bool value, RowFault _, out ReadOnlyMemory<byte> result) => Put(value ? "true"u8 : "false"u8, out result)),
            TypedTerm<double> doubles => new UnaryTerm<double, ReadOnlyMemory<byte>>(TermType.Text, doubles,
                (double value, RowFault _, out ReadOnlyMemory<byte> result) => Put(Encoding.ASCII.GetBytes(FloatText.Format(value)), out result)),
            TypedTerm<Int128> decimals => new UnaryTerm<Int128, ReadOnlyMemory<byte>>(TermType.Text, decimals,
                (Int128 value, RowFault _, out ReadOnlyMemory<byte> result) => Put(Encoding.ASCII.GetBytes(DecimalText.Format(value, term.Type.Scale)), out result)),
            TypedTerm<long> { Type.Kind: TermKind.Date or TermKind.Timestamp } moments => new UnaryTerm<long, ReadOnlyMemory<byte>>(TermType.Text, moments,
                (long value, RowFault _, out ReadOnlyMemory<byte> result) =>
                    Put(Encoding.ASCII.GetBytes(term.Type.Kind == TermKind.Date ? DateFunctions.FormatDate(value) : DateFunctions.FormatTimestamp(value)), out result)),
            TypedTerm<long> integers => new UnaryTerm<long, ReadOnlyMemory<byte>>(TermType.Text, integers,
                (long value, RowFault _, out ReadOnlyMemory<byte> result) =>
                {
                    Utf8Formatter.TryFormat(value, scratch.Take(20), out var written);
                    result = scratch.Written(written);
                    return true;
                }),
            _ => null,
        };

        bool Put(ReadOnlySpan<byte> text, out ReadOnlyMemory<byte> result)
        {
            result = scratch.Put(text);
            return true;
        }
    }
}
