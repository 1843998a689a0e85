namespace DataPlatform.Streaming;

/// <summary>An event as a hub hands it out.</summary>
/// <param name="SequenceNumber">Grows from event to event of its partition.</param>
/// <param name="Enqueued">When the hub took it, UTC.</param>
/// <param name="Properties">Its application properties, of the types that AMQP has.</param>
public sealed record StreamEvent(
    long SequenceNumber, DateTimeOffset Enqueued, ReadOnlyMemory<byte> Body, string? ContentType, IReadOnlyDictionary<string, object> Properties);
