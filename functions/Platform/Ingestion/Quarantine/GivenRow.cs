namespace DataPlatform.Ingestion.Quarantine;

/// <summary>A row on its way through a replay.</summary>
/// <param name="Number">In its batch.</param>
/// <param name="Bytes">Of its text as it came.</param>
internal readonly record struct GivenRow(long Number, long? Line, long Bytes);
