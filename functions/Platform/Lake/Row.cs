namespace DataPlatform.Lake;

/// <summary>A stored row.</summary>
/// <param name="ETag">Opaque; changes with every write.</param>
/// <param name="Value">A UTF-8 JSON document, at most 512 KiB.</param>
public sealed record Row(RowKey Key, string ETag, ReadOnlyMemory<byte> Value);
