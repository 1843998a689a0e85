using System.Globalization;
using System.Numerics;
using DataPlatform.Catalog;

namespace DataPlatform.Ingestion.Values;

/// <summary>Decimals of up to 38 digits as text: an optional sign, digits, a point with digits, and an exponent, as JSON writers use it for
/// small numbers.</summary>
internal static class DecimalText
{
    /// <summary>Ten to the power of the index, 0 to 38.</summary>
    public static readonly Int128[] Powers = CreatePowers();

    /// <param name="unscaled">The value times ten to the power of <paramref name="scale"/>.</param>
    /// <returns>False when the text is no decimal, or needs more digits than precision and scale give.</returns>
    public static bool TryParse(ReadOnlySpan<byte> text, int precision, int scale, out Int128 unscaled)
    {
        unscaled = 0;
        var exponent = text.IndexOfAny((byte)'e', (byte)'E');
        if (exponent >= 0)
            return TryParseScientific(text, exponent, precision, scale, out unscaled);

        var at = 0;
        var negative = false;
        if (text.Length > 0 && text[0] is (byte)'-' or (byte)'+')
        {
            negative = text[0] == '-';
            at = 1;
        }

        var digits = 0;
        var significant = 0;
        var behindPoint = -1;
        for (; at < text.Length; at++)
        {
            var c = text[at];
            if (c == '.')
            {
                if (behindPoint >= 0)
                    return false;
                behindPoint = 0;
                continue;
            }

            var digit = (uint)(c - '0');
            if (digit > 9)
                return false;
            digits++;
            if (behindPoint >= 0)
            {
                if (behindPoint == scale)
                {
                    if (digit != 0)
                        return false; // only zeros may be left out
                    continue;
                }

                behindPoint++;
            }

            if (significant > 0 || digit > 0)
                significant++;
            if (significant > 38)
                return false;
            unscaled = (unscaled * 10) + digit;
        }

        if (digits == 0)
            return false;

        var missing = scale - Math.Max(behindPoint, 0);
        if (unscaled != 0 && significant + missing > 38)
            return false;
        if (unscaled != 0)
            unscaled *= Powers[missing];
        if (negative)
            unscaled = -unscaled;
        return Fits(unscaled, precision);
    }

    public static bool Fits(Int128 unscaled, int precision) => unscaled < Powers[precision] && unscaled > -Powers[precision];

    public static string Format(Int128 unscaled, int scale)
    {
        var digits = (unscaled < 0 ? -unscaled : unscaled).ToString(CultureInfo.InvariantCulture).PadLeft(scale + 1, '0');
        var text = scale == 0 ? digits : $"{digits[..^scale]}.{digits[^scale..]}";
        return unscaled < 0 ? "-" + text : text;
    }

    /// <summary>A bound of a contract in units of <paramref name="scale"/>, rounded to the inside of the range.</summary>
    /// <returns>Null when there is none.</returns>
    public static Int128? Bound(FieldBound? bound, int scale, bool isMinimum) =>
        bound is { } value && ExactNumber.TryParse(value.Text, out var number)
            ? (Int128)BigInteger.Clamp(number.Round(scale, up: isMinimum), (BigInteger)Int128.MinValue, (BigInteger)Int128.MaxValue)
            : null;

    /// <summary>The only values allowed, in units of <paramref name="scale"/>; null when all are.</summary>
    public static HashSet<Int128>? Choice(IReadOnlyList<string>? values, int scale) =>
        values is null ? null : [.. values.Select(value => Bound(new FieldBound(value), scale, isMinimum: true)).OfType<Int128>()];

    private static bool TryParseScientific(ReadOnlySpan<byte> text, int at, int precision, int scale, out Int128 unscaled)
    {
        unscaled = 0;
        var mantissa = text[..at];
        var point = mantissa.IndexOf((byte)'.');
        var behindPoint = point < 0 ? 0 : mantissa.Length - point - 1;
        if (behindPoint > 38 || !TryParse(mantissa, 38, behindPoint, out var digits) || !IntegerText.TryParse(text[(at + 1)..], out var exponent))
            return false;

        // The exponent is taken between bounds behind which nothing but zero fits.
        var shift = (int)Math.Clamp(exponent, -100, 100) + scale - behindPoint;
        if (digits == 0)
            return true;
        if (Math.Abs(shift) > 38)
            return false;
        if (shift >= 0)
        {
            if (Int128.Abs(digits) >= Powers[38 - shift])
                return false;
            unscaled = digits * Powers[shift];
        }
        else
        {
            (unscaled, var lost) = Int128.DivRem(digits, Powers[-shift]);
            if (lost != 0)
                return false;
        }

        return Fits(unscaled, precision);
    }

    private static Int128[] CreatePowers()
    {
        var powers = new Int128[39];
        powers[0] = 1;
        for (var i = 1; i < powers.Length; i++)
            powers[i] = powers[i - 1] * 10;
        return powers;
    }
}
