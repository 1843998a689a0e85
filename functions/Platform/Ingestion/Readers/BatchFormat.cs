namespace DataPlatform.Ingestion.Readers;

/// <summary>The file formats a batch may come in.</summary>
public enum BatchFormat
{
    /// <summary><c>text/csv</c>, UTF-8, with a header row.</summary>
    Csv,

    /// <summary><c>application/x-ndjson</c>: one JSON object a line.</summary>
    Ndjson,

    /// <summary><c>application/vnd.apache.parquet</c>.</summary>
    Parquet,
}
