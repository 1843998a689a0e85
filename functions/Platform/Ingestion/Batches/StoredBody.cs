using DataPlatform.Lake;

namespace DataPlatform.Ingestion.Batches;

/// <summary>A body that was stored before its batch is loaded.</summary>
/// <param name="ETag">Of what was accepted: loaded is that or nothing.</param>
/// <param name="Sha256">Lowercase hex, what the body is to have; null when nobody said.</param>
internal sealed record StoredBody(LakePath Path, string ETag, string? Sha256);
