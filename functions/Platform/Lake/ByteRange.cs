namespace DataPlatform.Lake;

/// <summary>A part of an object, in bytes. What lies beyond the end is left out: a range that starts there is empty.</summary>
/// <param name="Length">Bytes to read; null reads to the end.</param>
public readonly record struct ByteRange(long Offset, long? Length = null)
{
    /// <returns>The offset; 0 without a range.</returns>
    internal static long Check(ByteRange? range)
    {
        if (range is { Offset: < 0 } or { Length: < 0 })
            throw new ArgumentOutOfRangeException(nameof(range), "Offset and length of a range are not negative.");
        return range?.Offset ?? 0;
    }
}
