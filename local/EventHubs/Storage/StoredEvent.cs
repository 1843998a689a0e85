namespace DataPlatform.Local.EventHubs.Storage;

/// <summary>
/// An event as a partition keeps it: AMQP bytes, so that what a producer sent is what a consumer gets.
/// </summary>
/// <param name="PartitionKey">The key that chose the partition; null when none did.</param>
/// <param name="Annotations">The producer's own message annotations: encoded keys and values one after another, without the map around them.</param>
/// <param name="AnnotationCount">How many entries <paramref name="Annotations"/> holds, keys and values counted each.</param>
/// <param name="Body">Properties, application properties, body and footer, encoded as they came.</param>
internal readonly record struct StoredEvent(string? PartitionKey, ReadOnlyMemory<byte> Annotations, int AnnotationCount, ReadOnlyMemory<byte> Body);
