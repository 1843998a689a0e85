namespace DataPlatform.Local.EventHubs.Client;

/// <summary>What of a received message an event is made of.</summary>
public sealed record ReceivedEvent(ReadOnlyMemory<byte> Body, long SequenceNumber, string Offset, DateTimeOffset EnqueuedTime)
{
    public string? PartitionKey { get; init; }

    public string? MessageId { get; init; }

    public string? CorrelationId { get; init; }

    public string? ContentType { get; init; }

    public Dictionary<string, object> Properties { get; init; } = [];

    public Dictionary<string, object> SystemProperties { get; init; } = [];
}
