using DataPlatform.Catalog;

namespace DataPlatform.Ingestion.Values;

/// <summary>Whole numbers as text: an optional sign and digits, nothing else.</summary>
internal static class IntegerText
{
    public static bool TryParse(ReadOnlySpan<byte> text, out long value)
    {
        value = 0;
        if (text.IsEmpty)
            return false;

        var at = 0;
        var negative = text[0] == '-';
        if (negative || text[0] == '+')
            at = 1;
        if (at == text.Length)
            return false;
        if (text.Length - at > 18)
            return TryParseLong(text[at..], negative, out value);

        for (; at < text.Length; at++)
        {
            var digit = (uint)(text[at] - '0');
            if (digit > 9)
                return false;
            value = (value * 10) + digit;
        }

        if (negative)
            value = -value;
        return true;
    }

    /// <summary>The bounds of a contract as integers inside them.</summary>
    public static (long Minimum, long Maximum) Bounds(FieldBound? minimum, FieldBound? maximum) =>
        (Clamp(DecimalText.Bound(minimum, 0, isMinimum: true) ?? long.MinValue), Clamp(DecimalText.Bound(maximum, 0, isMinimum: false) ?? long.MaxValue));

    private static long Clamp(Int128 value) => (long)Int128.Clamp(value, long.MinValue, long.MaxValue);

    private static bool TryParseLong(ReadOnlySpan<byte> digits, bool negative, out long value)
    {
        value = 0;
        Int128 wide = 0;
        foreach (var c in digits)
        {
            var digit = (uint)(c - '0');
            if (digit > 9)
                return false;
            wide = (wide * 10) + digit;
            if (wide > (Int128)long.MaxValue + 1)
                return false;
        }

        if (negative)
            wide = -wide;
        if (wide > long.MaxValue)
            return false;
        value = (long)wide;
        return true;
    }
}
