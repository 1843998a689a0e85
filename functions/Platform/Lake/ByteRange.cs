namespace DataPlatform.Lake;

/// <summary>A part of an object, in bytes.</summary>
/// <param name="Length">Bytes to read; null reads to the end.</param>
public readonly record struct ByteRange(long Offset, long? Length = null);
