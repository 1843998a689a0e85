namespace DataPlatform.Local.EventHubs.Storage;

/// <summary>An event with its place in the partition.</summary>
/// <param name="SequenceNumber">From 0 on, without gaps.</param>
/// <param name="Offset">Its logical position in bytes since the partition began; grows with the sequence number, with gaps.</param>
/// <param name="EnqueuedTime">When it was stored, UTC, in whole milliseconds; never before an earlier event's.</param>
internal readonly record struct ReadEvent(long SequenceNumber, long Offset, DateTimeOffset EnqueuedTime, StoredEvent Event);
