using System.Globalization;

namespace DataPlatform.Ingestion.Expressions;

/// <summary>Floating-point numbers as the SQL engine writes them: the fewest digits that give the number back, with a point or an exponent of at
/// least two digits.</summary>
internal static class FloatText
{
    public static string Format(double value)
    {
        if (double.IsNaN(value))
            return "nan";
        if (double.IsInfinity(value))
            return value > 0 ? "inf" : "-inf";
        if (value == 0)
            return double.IsNegative(value) ? "-0.0" : "0.0";

        // The shortest text, whatever its form: digits, where its point is, and its exponent.
        var shortest = Math.Abs(value).ToString("R", CultureInfo.InvariantCulture);
        var mantissaEnd = shortest.IndexOf('E', StringComparison.Ordinal);
        var mantissa = mantissaEnd < 0 ? shortest : shortest[..mantissaEnd];
        var point = mantissa.IndexOf('.', StringComparison.Ordinal);
        var all = mantissa.Replace(".", "", StringComparison.Ordinal);
        var leading = all.Length - all.TrimStart('0').Length;
        var exponent = (point < 0 ? mantissa.Length : point) - 1 - leading
            + (mantissaEnd < 0 ? 0 : int.Parse(shortest.AsSpan(mantissaEnd + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture));
        var digits = all.Trim('0');
        var sign = value < 0 ? "-" : "";
        if (exponent is < -4 or >= 16)
        {
            var fraction = digits.Length > 1 ? "." + digits[1..] : "";
            return $"{sign}{digits[0]}{fraction}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent).ToString("00", CultureInfo.InvariantCulture)}";
        }

        if (exponent < 0)
            return $"{sign}0.{new string('0', -exponent - 1)}{digits}";
        return digits.Length <= exponent + 1
            ? $"{sign}{digits}{new string('0', exponent + 1 - digits.Length)}.0"
            : $"{sign}{digits[..(exponent + 1)]}.{digits[(exponent + 1)..]}";
    }
}
