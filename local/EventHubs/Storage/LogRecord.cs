using System.Buffers;
using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;

namespace DataPlatform.Local.EventHubs.Storage;

/// <summary>
/// One append, the unit that is there whole or not at all: the events of a batch.
/// Little endian: length of what follows the two heads, XXH3 hash of it, then first sequence number, enqueued time (ms since 1970), number of events,
/// and for each event key, annotations and body, each behind its length.
/// </summary>
internal static class LogRecord
{
    /// <summary>Length and checksum.</summary>
    public const int PrefixBytes = 4 + 8;

    /// <summary>Sequence number, time, count.</summary>
    public const int HeadBytes = 8 + 8 + 4;

    /// <summary>No append may be longer; a longer length in a file is damage.</summary>
    public const int MaxBytes = 8 * 1024 * 1024;

    private const int NoKey = -1;
    private const int EventHeadBytes = 4 + 4 + 4 + 4;

    /// <summary>The bytes the record of these events takes, prefix included.</summary>
    public static int Measure(IReadOnlyList<StoredEvent> events)
    {
        var bytes = PrefixBytes + HeadBytes;
        foreach (var stored in events)
            bytes = checked(bytes + EventHeadBytes + (stored.PartitionKey is { } key ? Encoding.UTF8.GetByteCount(key) : 0) + stored.Annotations.Length + stored.Body.Length);
        return bytes;
    }

    /// <summary>Appends the record to <paramref name="target"/>.</summary>
    /// <returns>The record's length in bytes, prefix included.</returns>
    public static int Write(ArrayBufferWriter<byte> target, IReadOnlyList<StoredEvent> events, long firstSequenceNumber, long enqueuedMilliseconds)
    {
        var length = Measure(events);
        var span = target.GetSpan(length)[..length];
        var position = PrefixBytes;
        WriteInt64(span, ref position, firstSequenceNumber);
        WriteInt64(span, ref position, enqueuedMilliseconds);
        WriteInt32(span, ref position, events.Count);
        foreach (var stored in events)
        {
            var key = stored.PartitionKey is { } text ? Encoding.UTF8.GetBytes(text, span[(position + EventHeadBytes)..]) : NoKey;
            WriteInt32(span, ref position, key);
            WriteInt32(span, ref position, stored.AnnotationCount);
            WriteInt32(span, ref position, stored.Annotations.Length);
            WriteInt32(span, ref position, stored.Body.Length);
            position += Math.Max(key, 0);
            stored.Annotations.Span.CopyTo(span[position..]);
            position += stored.Annotations.Length;
            stored.Body.Span.CopyTo(span[position..]);
            position += stored.Body.Length;
        }

        BinaryPrimitives.WriteInt32LittleEndian(span, length - PrefixBytes);
        BinaryPrimitives.WriteUInt64LittleEndian(span[4..], XxHash3.HashToUInt64(span[PrefixBytes..]));
        target.Advance(length);
        return length;
    }

    /// <summary>What the first bytes of a record say, before its events are read.</summary>
    public static LogRecordHead ReadHead(ReadOnlySpan<byte> prefixAndHead) => new(
        BinaryPrimitives.ReadInt32LittleEndian(prefixAndHead),
        BinaryPrimitives.ReadUInt64LittleEndian(prefixAndHead[4..]),
        BinaryPrimitives.ReadInt64LittleEndian(prefixAndHead[PrefixBytes..]),
        BinaryPrimitives.ReadInt64LittleEndian(prefixAndHead[(PrefixBytes + 8)..]),
        BinaryPrimitives.ReadInt32LittleEndian(prefixAndHead[(PrefixBytes + 16)..]));

    /// <summary>Whether the record's bytes are those that were written.</summary>
    /// <param name="record">All of it, prefix included.</param>
    public static bool IsWhole(ReadOnlySpan<byte> record) =>
        XxHash3.HashToUInt64(record[PrefixBytes..]) == BinaryPrimitives.ReadUInt64LittleEndian(record[4..]);

    /// <summary>The events of a record, which share its bytes.</summary>
    /// <param name="record">All of it, prefix included.</param>
    /// <param name="offset">Logical position of the record's first byte.</param>
    public static List<ReadEvent> ReadEvents(ReadOnlyMemory<byte> record, long offset)
    {
        var span = record.Span;
        var head = ReadHead(span);
        var events = new List<ReadEvent>(head.Count);
        var enqueued = DateTimeOffset.FromUnixTimeMilliseconds(head.EnqueuedMilliseconds);
        var position = PrefixBytes + HeadBytes;
        for (var i = 0; i < head.Count; i++)
        {
            var start = position;
            var keyBytes = ReadInt32(span, ref position);
            var annotationCount = ReadInt32(span, ref position);
            var annotationBytes = ReadInt32(span, ref position);
            var bodyBytes = ReadInt32(span, ref position);
            var key = keyBytes == NoKey ? null : Encoding.UTF8.GetString(span.Slice(position, keyBytes));
            position += Math.Max(keyBytes, 0);
            var annotations = record.Slice(position, annotationBytes);
            position += annotationBytes;
            var body = record.Slice(position, bodyBytes);
            position += bodyBytes;
            events.Add(new ReadEvent(head.FirstSequenceNumber + i, offset + start, enqueued, new StoredEvent(key, annotations, annotationCount, body)));
        }

        return events;
    }

    private static int ReadInt32(ReadOnlySpan<byte> span, ref int position)
    {
        var value = BinaryPrimitives.ReadInt32LittleEndian(span[position..]);
        position += 4;
        return value;
    }

    private static void WriteInt32(Span<byte> span, ref int position, int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(span[position..], value);
        position += 4;
    }

    private static void WriteInt64(Span<byte> span, ref int position, long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(span[position..], value);
        position += 8;
    }
}
