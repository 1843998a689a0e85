namespace DataPlatform.Local.EventHubs.Storage;

/// <summary>Events that wait to be written and synced.</summary>
internal sealed class PendingAppend(IReadOnlyList<StoredEvent> events)
{
    public IReadOnlyList<StoredEvent> Events { get; } = events;

    public int Bytes { get; } = LogRecord.Measure(events);

    /// <summary>Ends with the sequence number of the first event when all of them are durable.</summary>
    public TaskCompletionSource<long> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
