namespace DataPlatform.Serving;

/// <summary>How rows are written.</summary>
public enum RowFormat
{
    /// <summary>One document: <c>{"value":[…]}</c>, in pages.</summary>
    Json,

    /// <summary>One object a line; all rows in one answer.</summary>
    Ndjson,

    /// <summary>RFC 4180 with a header; all rows in one answer. NULL is nothing, empty text is <c>""</c>.</summary>
    Csv,

    /// <summary>An Arrow IPC stream of record batches; all rows in one answer.</summary>
    Arrow,

    /// <summary>A Parquet file (zstd); all rows in one answer. Not for SQL of callers.</summary>
    Parquet,
}
