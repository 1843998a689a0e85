using System.Globalization;
using DataPlatform.Lake;

namespace DataPlatform.Files;

/// <summary>The header <c>Range</c> (RFC 9110, section 14): one range of bytes is served, several are answered with the whole.</summary>
internal static class RangeHeader
{
    private const string Unit = "bytes=";

    /// <returns>Null when the header is to be passed over: another unit, several ranges, or not well-formed.</returns>
    /// <param name="length">Of the whole object.</param>
    /// <param name="satisfiable">False when no byte of the object is in the range.</param>
    public static ByteRange? Parse(string? header, long length, out bool satisfiable)
    {
        satisfiable = true;
        if (header is null || !header.StartsWith(Unit, StringComparison.OrdinalIgnoreCase))
            return null;

        var range = header.AsSpan(Unit.Length).Trim(" \t");
        var dash = range.IndexOf('-');
        if (dash < 0 || range.Contains(','))
            return null;
        var firstText = range[..dash];
        var lastText = range[(dash + 1)..];
        if (firstText.IsEmpty)
            return Suffix(lastText, length, ref satisfiable);
        if (!TryParse(firstText, out var first) || (!lastText.IsEmpty && !TryParse(lastText, out _)))
            return null;

        var last = lastText.IsEmpty ? long.MaxValue : TryParse(lastText, out var given) ? given : 0;
        if (last < first)
            return null;
        satisfiable = first < length;
        return new ByteRange(first, Math.Max(0, Math.Min(last, length - 1) - first + 1));
    }

    private static ByteRange? Suffix(ReadOnlySpan<char> text, long length, ref bool satisfiable)
    {
        if (!TryParse(text, out var count))
            return null;
        satisfiable = count > 0;

        // All of nothing cannot be told as a range.
        if (length == 0 && satisfiable)
            return null;
        count = Math.Min(count, length);
        return new ByteRange(length - count, count);
    }

    /// <summary>Digits; what is beyond 64 bits is as good as the largest number.</summary>
    private static bool TryParse(ReadOnlySpan<char> text, out long value)
    {
        value = 0;
        if (text.IsEmpty || text.ContainsAnyExceptInRange('0', '9'))
            return false;
        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value))
            value = long.MaxValue;
        return true;
    }
}
