namespace DataPlatform.Ingestion.CloudEvents;

/// <summary>In which form an event of the JSON format has its data.</summary>
internal enum CloudEventData
{
    /// <summary>There is none.</summary>
    None,

    /// <summary>A JSON value in the member <c>data</c>.</summary>
    Json,

    /// <summary>Bytes as Base64 in the member <c>data_base64</c>.</summary>
    Base64,
}
