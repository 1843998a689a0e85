using System.Runtime.InteropServices;
using System.Text;
using DataPlatform.Local.EventHubs.Broker;
using DataPlatform.Local.EventHubs.Protocol;
using DataPlatform.Local.EventHubs.Storage;

namespace DataPlatform.Local.EventHubs.Nodes;

/// <summary>Takes messages apart into events, without decoding what only their consumer needs.</summary>
internal static class EventMessages
{
    /// <summary>The format of a message whose data sections are messages.</summary>
    public const uint BatchFormat = 0x80013700;

    private const ulong HeaderSection = 0x70;
    private const ulong DeliveryAnnotationsSection = 0x71;
    private const ulong MessageAnnotationsSection = 0x72;
    private const ulong DataSection = 0x75;
    private const ulong FooterSection = 0x78;
    private const int MaxKeyLength = 128;

    /// <summary>The events of a message, one or a batch.</summary>
    /// <param name="partitionKey">The key of the message, for which its partition is chosen.</param>
    /// <exception cref="AmqpFaultException">It is no AMQP message, an empty batch, or its key is too long.</exception>
    public static List<StoredEvent> Read(IncomingMessage message, out string? partitionKey)
    {
        var single = ReadOne(message.Bytes);
        partitionKey = single.PartitionKey;
        if (message.Format != BatchFormat)
        {
            CheckReadable(message.Bytes);
            return [single];
        }

        var events = new List<StoredEvent>();
        var rest = single.Body;
        while (!rest.IsEmpty)
        {
            var length = AmqpEncoding.Measure(rest.Span);
            if (AmqpEncoding.ReadDescriptor(rest.Span, out var valueAt) == DataSection)
            {
                var data = AmqpEncoding.ReadBytes(rest.Span[valueAt..length]).Length;
                var inner = ReadOne(rest.Slice(length - data, data));
                CheckReadable(rest.Slice(length - data, data));
                events.Add(inner with { PartitionKey = inner.PartitionKey ?? partitionKey });
            }

            rest = rest[length..];
        }

        return events.Count > 0 ? events : throw new AmqpFaultException(EventHubsErrors.ArgumentError, "The batch holds no events.");
    }

    private static StoredEvent ReadOne(ReadOnlyMemory<byte> message)
    {
        string? key = null;
        var annotations = ReadOnlyMemory<byte>.Empty;
        var annotationCount = 0;
        var rest = message;
        while (!rest.IsEmpty)
        {
            var section = AmqpEncoding.ReadDescriptor(rest.Span, out var valueAt);
            if (section is < HeaderSection or > FooterSection)
                throw new AmqpFaultException(global::Amqp.ErrorCode.DecodeError, $"0x{section:X2} is no section of a message.");
            if (section > MessageAnnotationsSection)
                break;
            var length = AmqpEncoding.Measure(rest.Span);
            if (section == MessageAnnotationsSection)
                (key, annotations, annotationCount) = ReadAnnotations(rest[valueAt..length]);
            rest = rest[length..];
        }

        Check(rest.Span);
        return new StoredEvent(key, annotations, annotationCount, rest);
    }

    /// <summary>Sections that cannot be told apart would be found by the consumer only.</summary>
    private static void Check(ReadOnlySpan<byte> sections)
    {
        while (!sections.IsEmpty)
        {
            if (AmqpEncoding.ReadDescriptor(sections, out _) is <= DeliveryAnnotationsSection or > FooterSection)
                throw new AmqpFaultException(global::Amqp.ErrorCode.DecodeError, "A message's sections are not in order.");
            sections = sections[AmqpEncoding.Measure(sections)..];
        }
    }

    /// <summary>An event that a consumer's decoder fails at ends the consumer's connection, and again whenever it comes back: it is refused here.</summary>
    private static void CheckReadable(ReadOnlyMemory<byte> message)
    {
        AmqpEncoding.Check(message.Span);
        var buffer = MemoryMarshal.TryGetArray(message, out var bytes) ? bytes : new ArraySegment<byte>(message.ToArray());
        try
        {
            global::Amqp.Message.Decode(new global::Amqp.ByteBuffer(buffer.Array, buffer.Offset, buffer.Count, buffer.Count));
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            throw new AmqpFaultException(global::Amqp.ErrorCode.DecodeError, $"The event cannot be decoded: {exception.Message}");
        }
    }

    private static (string? Key, ReadOnlyMemory<byte> Others, int OtherCount) ReadAnnotations(ReadOnlyMemory<byte> map)
    {
        var items = AmqpEncoding.ReadItems(map.Span, out var count);
        string? key = null;
        var others = new byte[items.Length];
        var length = 0;
        var otherCount = 0;
        for (var i = 0; i + 1 < count; i += 2)
        {
            var nameLength = AmqpEncoding.Measure(items);
            var valueLength = AmqpEncoding.Measure(items[nameLength..]);
            var name = AmqpEncoding.ReadBytes(items[..nameLength]);
            if (name.SequenceEqual("x-opt-partition-key"u8))
            {
                key = ReadKey(items.Slice(nameLength, valueLength));
            }
            else if (!IsOurs(name))
            {
                items[..(nameLength + valueLength)].CopyTo(others.AsSpan(length));
                length += nameLength + valueLength;
                otherCount += 2;
            }

            items = items[(nameLength + valueLength)..];
        }

        return (key, others.AsMemory(0, length), otherCount);
    }

    private static string? ReadKey(ReadOnlySpan<byte> value)
    {
        if (value[0] == FormatCodes.Null)
            return null;
        var key = Encoding.UTF8.GetString(AmqpEncoding.ReadBytes(value));
        return key.Length <= MaxKeyLength ? key : throw new AmqpFaultException(EventHubsErrors.ArgumentError, $"A partition key has at most {MaxKeyLength} characters.");
    }

    // Who sends an event on that it received would otherwise send its old place along.
    private static bool IsOurs(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("x-opt-offset"u8) || name.SequenceEqual("x-opt-sequence-number"u8) || name.SequenceEqual("x-opt-enqueued-time"u8);
}
