using System.Buffers.Binary;
using System.Globalization;
using Amqp;
using Amqp.Types;
using DataPlatform.Local.EventHubs.Storage;

namespace DataPlatform.Local.EventHubs.Nodes;

/// <summary>Puts an event together again for a consumer: what its producer sent, and its place. Not for several threads at once.</summary>
internal sealed class EventEncoder
{
    private const byte DeliveryAnnotationsSection = 0x71;
    private const byte MessageAnnotationsSection = 0x72;
    private const int MapHeadBytes = 3 + 1 + 4 + 4;

    private static readonly Symbol Offset = "x-opt-offset";
    private static readonly Symbol SequenceNumber = "x-opt-sequence-number";
    private static readonly Symbol EnqueuedTime = "x-opt-enqueued-time";
    private static readonly Symbol PartitionKey = "x-opt-partition-key";
    private static readonly Symbol LastSequenceNumber = "last_enqueued_sequence_number";
    private static readonly Symbol LastOffset = "last_enqueued_offset";
    private static readonly Symbol LastEnqueuedTime = "last_enqueued_time_utc";
    private static readonly Symbol RetrievalTime = "runtime_info_retrieval_time_utc";

    private readonly ByteBuffer _buffer = new(4096, autoGrow: true);

    /// <summary>The message, good until the next call.</summary>
    /// <param name="partition">What the partition holds, for consumers that want to know how far behind they are; else null.</param>
    public ReadOnlySpan<byte> Encode(ReadEvent read, PartitionState? partition, DateTimeOffset now)
    {
        _buffer.Reset();
        if (partition is { } state)
            WriteState(state, now);
        var at = BeginMap(MessageAnnotationsSection);
        var count = 6 + read.Event.AnnotationCount;
        Write(SequenceNumber);
        Encoder.WriteLong(_buffer, read.SequenceNumber, smallEncoding: true);
        Write(Offset);
        Encoder.WriteString(_buffer, read.Offset.ToString(CultureInfo.InvariantCulture), smallEncoding: true);
        Write(EnqueuedTime);
        Encoder.WriteTimestamp(_buffer, read.EnqueuedTime.UtcDateTime);
        if (read.Event.PartitionKey is { } key)
        {
            Write(PartitionKey);
            Encoder.WriteString(_buffer, key, smallEncoding: true);
            count += 2;
        }

        Append(read.Event.Annotations.Span);
        EndMap(at, count);
        Append(read.Event.Body.Span);
        return _buffer.Buffer.AsSpan(_buffer.Offset, _buffer.Length);
    }

    private void WriteState(PartitionState state, DateTimeOffset now)
    {
        var at = BeginMap(DeliveryAnnotationsSection);
        Write(LastSequenceNumber);
        Encoder.WriteLong(_buffer, state.LastSequenceNumber, smallEncoding: true);
        Write(LastOffset);
        Encoder.WriteString(_buffer, state.LastOffset.ToString(CultureInfo.InvariantCulture), smallEncoding: true);
        Write(LastEnqueuedTime);
        Encoder.WriteTimestamp(_buffer, (state.LastEnqueuedTime ?? DateTimeOffset.UnixEpoch).UtcDateTime);
        Write(RetrievalTime);
        Encoder.WriteTimestamp(_buffer, now.UtcDateTime);
        EndMap(at, 8);
    }

    private int BeginMap(byte section)
    {
        _buffer.Validate(write: true, MapHeadBytes);
        var at = _buffer.WritePos;
        var head = _buffer.Buffer.AsSpan(at, MapHeadBytes);
        head[0] = Protocol.FormatCodes.Described;
        head[1] = Protocol.FormatCodes.SmallULong;
        head[2] = section;
        head[3] = Protocol.FormatCodes.Map32;
        _buffer.Append(MapHeadBytes);
        return at;
    }

    private void EndMap(int at, int count)
    {
        BinaryPrimitives.WriteInt32BigEndian(_buffer.Buffer.AsSpan(at + 4), _buffer.WritePos - at - 8);
        BinaryPrimitives.WriteInt32BigEndian(_buffer.Buffer.AsSpan(at + 8), count);
    }

    private void Write(Symbol symbol) => Encoder.WriteSymbol(_buffer, symbol, smallEncoding: true);

    private void Append(ReadOnlySpan<byte> bytes)
    {
        _buffer.Validate(write: true, bytes.Length);
        bytes.CopyTo(_buffer.Buffer.AsSpan(_buffer.WritePos));
        _buffer.Append(bytes.Length);
    }
}
