namespace DataPlatform.Ingestion.Quarantine;

/// <summary>A value of a row that is replayed.</summary>
/// <param name="Bytes">Its text, or JSON when <paramref name="IsJson"/>; null for no value.</param>
/// <param name="IsJson">A JSON number, truth, object or array.</param>
/// <param name="IsNew">The patch gave it.</param>
internal readonly record struct ReplayValue(ReadOnlyMemory<byte>? Bytes, bool IsJson = false, bool IsNew = false);
