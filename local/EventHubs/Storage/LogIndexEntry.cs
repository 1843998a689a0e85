namespace DataPlatform.Local.EventHubs.Storage;

/// <summary>Where a record begins in its file, and what its first event is.</summary>
internal readonly record struct LogIndexEntry(long Position, long SequenceNumber, long EnqueuedMilliseconds);
