namespace DataPlatform.Local.EventHubs.Storage;

/// <summary>How far a file of the log is durable.</summary>
/// <param name="Bytes">Its good length.</param>
/// <param name="NextSequenceNumber">The sequence number behind its last event.</param>
/// <param name="LastOffset">Logical position of its last event; −1 while there is none.</param>
/// <param name="LastEnqueuedMilliseconds">Of its last event; of its creation while there is none.</param>
internal sealed record LogSegmentEnd(long Bytes, long NextSequenceNumber, long LastOffset, long LastEnqueuedMilliseconds);
