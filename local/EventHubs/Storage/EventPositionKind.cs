namespace DataPlatform.Local.EventHubs.Storage;

/// <summary>By what a consumer names its position.</summary>
internal enum EventPositionKind
{
    Offset,
    SequenceNumber,
    EnqueuedTime,
    Latest,
}
