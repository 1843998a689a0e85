namespace DataPlatform.Tables;

/// <summary>Where in a stream the rows of a batch were.</summary>
/// <param name="First">Sequence number of its first event; not all between it and the last need be the batch's.</param>
/// <param name="LastEnqueued">When the hub took the last event, UTC.</param>
/// <param name="Receipts">What became of the events of requests; null when none of them told its request.</param>
public sealed record CommittedEvents(
    string Hub, string Partition, long First, long Last, DateTimeOffset LastEnqueued, IReadOnlyList<CommittedReceipt>? Receipts = null);
