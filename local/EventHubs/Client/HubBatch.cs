using Amqp;
using Amqp.Framing;
using DataPlatform.Local.EventHubs.Nodes;

namespace DataPlatform.Local.EventHubs.Client;

/// <summary>Puts events into one message, which the hub stores whole or not at all.</summary>
internal static class HubBatch
{
    // The section's descriptor, the array's code and its length.
    private const int DataOverhead = 8;

    /// <exception cref="HubException"><see cref="HubFailure.TooLarge"/>, with the event that did not fit.</exception>
    public static Message Encode(IReadOnlyList<SentEvent> events, string? partitionKey, ulong maxMessageSize)
    {
        var limit = maxMessageSize == 0 ? long.MaxValue : (long)Math.Min(maxMessageSize, long.MaxValue);
        if (events.Count == 1)
        {
            var only = events[0].ToMessage(partitionKey);
            return SizeOf(only) <= limit ? only : throw TooLarge(0, limit);
        }

        var batch = new DataList();
        var message = new Message { Format = EventMessages.BatchFormat, MessageAnnotations = SentEvent.Key(partitionKey), BodySection = batch };
        long size = partitionKey is null ? 0 : SizeOf(new Message { MessageAnnotations = message.MessageAnnotations });
        for (var i = 0; i < events.Count; i++)
        {
            var encoded = events[i].ToMessage(partitionKey).Encode();
            size += encoded.Length + DataOverhead;
            if (size > limit)
                throw TooLarge(i, limit);
            batch.Add(new Data { Buffer = encoded });
        }

        return message;
    }

    private static long SizeOf(Message message) => message.Encode().Length;

    private static HubException TooLarge(int index, long limit) =>
        new(HubFailure.TooLarge, $"Event {index} does not fit: a message of the hub has at most {limit} bytes.") { EventIndex = index, MaxMessageSize = limit };
}
