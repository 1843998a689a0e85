namespace DataPlatform.Lake;

/// <summary>A stored row, read into a type.</summary>
/// <param name="ETag">Opaque; changes with every write.</param>
public sealed record StoredRow<T>(RowKey Key, string ETag, T Value);
