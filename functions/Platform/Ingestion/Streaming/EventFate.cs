namespace DataPlatform.Ingestion.Streaming;

/// <summary>What becomes of an event in the batch that it is part of.</summary>
internal enum EventFate : byte
{
    Loaded,
    Quarantined,
    Duplicate,
    Discarded,
}
