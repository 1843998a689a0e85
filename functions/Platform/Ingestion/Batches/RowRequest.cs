namespace DataPlatform.Ingestion.Batches;

/// <summary>A row that is written by itself.</summary>
/// <param name="Caller">Who sends it: the name of the key or identity, never the key itself.</param>
/// <param name="Body">As it came; empty when a key is deleted.</param>
public sealed record RowRequest(string Dataset, string Caller, string? ContentType, ReadOnlyMemory<byte> Body);
