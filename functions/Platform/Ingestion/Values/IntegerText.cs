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
    public static (long Minimum, long Maximum) Bounds(decimal? minimum, decimal? maximum) =>
        (Clamp(minimum is { } low ? decimal.Ceiling(low) : long.MinValue), Clamp(maximum is { } high ? decimal.Floor(high) : long.MaxValue));

    private static long Clamp(decimal value) =>
        value > long.MaxValue ? long.MaxValue : value < long.MinValue ? long.MinValue : (long)value;

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
