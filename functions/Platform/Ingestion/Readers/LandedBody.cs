namespace DataPlatform.Ingestion.Readers;

/// <summary>A body that has been read to its end.</summary>
/// <param name="Sha256">Lowercase hex, of the body as it came.</param>
internal sealed record LandedBody(long Bytes, string Sha256);
