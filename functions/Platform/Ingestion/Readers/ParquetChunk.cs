namespace DataPlatform.Ingestion.Readers;

/// <summary>Where a column of a row group lies in its file, by the footer.</summary>
/// <param name="Start">Of its first page.</param>
/// <param name="Length">Of all its pages, compressed.</param>
internal readonly record struct ParquetChunk(long Start, long Length);
