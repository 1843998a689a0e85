using System.Globalization;
using System.Text;
using Amqp;
using Amqp.Framing;
using Amqp.Types;

namespace DataPlatform.Local.EventHubs.Client;

/// <summary>Makes events of received messages.</summary>
internal static class ReceivedEvents
{
    private static readonly Symbol Sequence = "x-opt-sequence-number";
    private static readonly Symbol Offset = "x-opt-offset";
    private static readonly Symbol Enqueued = "x-opt-enqueued-time";
    private static readonly Symbol Key = "x-opt-partition-key";

    public static ReceivedEvent Read(Message message)
    {
        var system = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach (var (name, value) in message.MessageAnnotations?.Map ?? [])
        {
            if (value is not null)
                system[name.ToString()!] = value;
        }

        var properties = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach (var (name, value) in message.ApplicationProperties?.Map ?? [])
        {
            if (value is not null)
                properties[name.ToString()!] = value is Symbol symbol ? symbol.ToString() : value;
        }

        var annotations = message.MessageAnnotations;
        return new ReceivedEvent(
            Body(message.BodySection),
            annotations?[Sequence] is { } sequence ? Convert.ToInt64(sequence, CultureInfo.InvariantCulture) : long.MinValue,
            Convert.ToString(annotations?[Offset], CultureInfo.InvariantCulture) ?? "",
            annotations?[Enqueued] is DateTime time ? new DateTimeOffset(DateTime.SpecifyKind(time, DateTimeKind.Utc)) : default)
        {
            PartitionKey = annotations?[Key] as string,
            MessageId = message.Properties?.GetMessageId()?.ToString(),
            CorrelationId = message.Properties?.GetCorrelationId()?.ToString(),
            ContentType = message.Properties?.ContentType?.ToString(),
            Properties = properties,
            SystemProperties = system,
        };
    }

    private static ReadOnlyMemory<byte> Body(RestrictedDescribed? section) => section switch
    {
        Data data => data.Binary,
        DataList list => Joined(list),
        AmqpValue { Value: byte[] bytes } => bytes,
        AmqpValue { Value: string text } => Encoding.UTF8.GetBytes(text),
        _ => default,
    };

    private static byte[] Joined(DataList list)
    {
        var joined = new MemoryStream();
        for (var i = 0; i < list.Count; i++)
            joined.Write(list[i].Binary);
        return joined.ToArray();
    }
}
