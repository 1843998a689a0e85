namespace DataPlatform.Ingestion.Readers;

/// <summary>How a body is compressed: its <c>Content-Encoding</c>.</summary>
public enum BodyCompression
{
    None,
    Gzip,
    Zstd,
    Brotli,
}
