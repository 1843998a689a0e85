namespace DataPlatform.Ingestion.Streaming;

/// <summary>An event on its way into a table.</summary>
/// <param name="Text">A JSON text: the row, or a CloudEvent in the JSON format. Nobody has looked into it yet.</param>
/// <param name="Key">What stands for the event, so that it counts once; CloudEvents have one of their own.</param>
/// <param name="Receipt">The receipt of the request that brought it; null when it tells none.</param>
/// <param name="Index">Its place in that request's body, from 0.</param>
internal sealed record EventRow(
    long Sequence, DateTimeOffset Enqueued, ReadOnlyMemory<byte> Text, bool IsCloudEvent, string Key, string? Receipt, long Index);
