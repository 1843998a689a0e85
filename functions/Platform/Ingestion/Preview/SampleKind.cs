namespace DataPlatform.Ingestion.Preview;

/// <summary>How a sampled value was written.</summary>
internal enum SampleKind
{
    /// <summary>In CSV, where all is text.</summary>
    Text,
    JsonText,
    JsonNumber,
    JsonValue,
    Bool,
}
