namespace DataPlatform.Operational;

/// <summary>The latest row of a key.</summary>
/// <param name="Key">In address form.</param>
/// <param name="ETag">Names the row as it was written; without quotes.</param>
/// <param name="Json">The row, UTF-8, with the contract's field names.</param>
public sealed record OperationalItem(string Key, string ETag, ReadOnlyMemory<byte> Json);
