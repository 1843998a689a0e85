namespace DataPlatform.Ingestion.Readers;

/// <summary>The file formats a batch may come in.</summary>
public enum BatchFormat
{
    /// <summary><c>text/csv</c> and <c>text/tab-separated-values</c>.</summary>
    Csv,

    /// <summary><c>application/x-ndjson</c>: one JSON object a line.</summary>
    Ndjson,

    /// <summary><c>application/json</c>: an array of objects, or one or more objects one after the other.</summary>
    Json,

    /// <summary><c>application/vnd.apache.parquet</c>.</summary>
    Parquet,

    /// <summary><c>application/cloudevents+json</c>: one event.</summary>
    CloudEvent,

    /// <summary><c>application/cloudevents-batch+json</c>: an array of events.</summary>
    CloudEventBatch,
}
