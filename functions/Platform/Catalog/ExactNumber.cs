using System.Globalization;
using System.Numerics;

namespace DataPlatform.Catalog;

/// <summary>A JSON number with all its digits: <paramref name="Unscaled"/> times ten to the power of minus <paramref name="Scale"/>, without
/// zeros at its end.</summary>
internal readonly record struct ExactNumber(BigInteger Unscaled, int Scale)
{
    private const int MaxDigits = 100;
    private const int MaxExponent = 400;

    /// <returns>False when the text is no number, or has more digits than any field's value.</returns>
    public static bool TryParse(string text, out ExactNumber number)
    {
        number = default;
        var mantissa = text;
        var exponent = 0;
        var at = text.IndexOfAny(['e', 'E']);
        if (at >= 0)
        {
            if (!int.TryParse(text.AsSpan(at + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent) || Math.Abs(exponent) > MaxExponent)
                return false;
            mantissa = text[..at];
        }

        var point = mantissa.IndexOf('.', StringComparison.Ordinal);
        var scale = point < 0 ? 0 : mantissa.Length - point - 1;
        var digits = point < 0 ? mantissa : mantissa.Remove(point, 1);
        if (digits.Length > MaxDigits || !BigInteger.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var unscaled))
            return false;

        scale -= exponent;
        while (!unscaled.IsZero && unscaled % 10 == 0)
        {
            unscaled /= 10;
            scale--;
        }

        number = new ExactNumber(unscaled, unscaled.IsZero ? 0 : scale);
        return true;
    }

    public static int Compare(ExactNumber left, ExactNumber right)
    {
        var scale = Math.Max(left.Scale, right.Scale);
        return (left.Unscaled * BigInteger.Pow(10, scale - left.Scale)).CompareTo(right.Unscaled * BigInteger.Pow(10, scale - right.Scale));
    }

    /// <summary>Whether it is a decimal of these digits.</summary>
    public bool Fits(int precision, int scale) =>
        Scale <= scale && BigInteger.Abs(Unscaled) * BigInteger.Pow(10, scale - Scale) < BigInteger.Pow(10, precision);

    /// <summary>The number in units of <paramref name="scale"/>.</summary>
    public BigInteger Round(int scale, bool up)
    {
        if (Scale <= scale)
            return Unscaled * BigInteger.Pow(10, scale - Scale);
        var (quotient, rest) = BigInteger.DivRem(Unscaled, BigInteger.Pow(10, Scale - scale));
        return up && rest > 0 ? quotient + 1 : !up && rest < 0 ? quotient - 1 : quotient;
    }

    public bool IsBetween(long minimum, long maximum) =>
        Scale <= 0 && Compare(this, new ExactNumber(minimum, 0)) >= 0 && Compare(this, new ExactNumber(maximum, 0)) <= 0;
}
