using Amqp;
using Amqp.Framing;
using Amqp.Types;

namespace DataPlatform.Local.EventHubs.Client;

/// <summary>An event on its way to a hub.</summary>
/// <param name="Body">Not copied: unchanged until the hub has it.</param>
public sealed record SentEvent(ReadOnlyMemory<byte> Body)
{
    public string? ContentType { get; init; }

    public string? MessageId { get; init; }

    public string? CorrelationId { get; init; }

    /// <summary>Application properties: strings, numbers and other values that AMQP knows.</summary>
    public IEnumerable<KeyValuePair<string, object>> Properties { get; init; } = [];

    internal Message ToMessage(string? partitionKey)
    {
        var message = new Message { BodySection = new Data { Binary = Body.ToArray() }, MessageAnnotations = Key(partitionKey) };
        if (ContentType is not null || MessageId is not null || CorrelationId is not null)
            message.Properties = new Properties { ContentType = ContentType, MessageId = MessageId, CorrelationId = CorrelationId };
        foreach (var (name, value) in Properties)
            (message.ApplicationProperties ??= new ApplicationProperties())[name] = value;
        return message;
    }

    internal static MessageAnnotations? Key(string? partitionKey)
    {
        if (partitionKey is null)
            return null;
        var annotations = new MessageAnnotations();
        annotations[new Symbol("x-opt-partition-key")] = partitionKey;
        return annotations;
    }
}
