namespace DataPlatform.Local.EventHubs.Storage;

/// <summary>What a partition holds at a moment.</summary>
/// <param name="BeginSequenceNumber">Of the oldest event that is kept; of the next one while there is none.</param>
/// <param name="LastSequenceNumber">−1 before the first event.</param>
/// <param name="LastOffset">−1 before the first event.</param>
/// <param name="LastEnqueuedTime">Null before the first event.</param>
internal readonly record struct PartitionState(long BeginSequenceNumber, long LastSequenceNumber, long LastOffset, DateTimeOffset? LastEnqueuedTime)
{
    public bool IsEmpty => LastSequenceNumber < BeginSequenceNumber;
}
