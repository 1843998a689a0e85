using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using Amqp;
using Amqp.Types;

namespace DataPlatform.Local.EventHubs.Protocol;

/// <summary>Reads protocol headers and frames. One at a time: a frame's payload is gone when the next one is read.</summary>
internal sealed class AmqpFrameReader(PipeReader input, int maxFrameBytes)
{
    private const int HeaderBytes = 8;

    private readonly byte[] _frame = new byte[maxFrameBytes];

    static AmqpFrameReader()
    {
        // The performatives register with the decoder when the first of them is made.
        _ = new global::Amqp.Framing.Open();
    }

    /// <summary>The eight bytes that name a protocol and its version; null when the peer has gone.</summary>
    public async ValueTask<ulong?> ReadProtocolAsync(CancellationToken cancellationToken)
    {
        if (!await FillAsync(HeaderBytes, 0, cancellationToken))
            return null;
        return BinaryPrimitives.ReadUInt64BigEndian(_frame);
    }

    /// <summary>The next frame; null when the peer has gone.</summary>
    /// <exception cref="AmqpFaultException">It is too long, or cannot be decoded.</exception>
    public async ValueTask<AmqpFrame?> ReadAsync(CancellationToken cancellationToken)
    {
        if (!await FillAsync(HeaderBytes, 0, cancellationToken))
            return null;
        var size = BinaryPrimitives.ReadUInt32BigEndian(_frame);
        if (size < HeaderBytes || size > maxFrameBytes)
            throw new AmqpFaultException(ErrorCode.FramingError, $"A frame of {size} bytes is not between {HeaderBytes} and {maxFrameBytes}.");
        return await FillAsync((int)size - HeaderBytes, HeaderBytes, cancellationToken) ? Decode((int)size) : null;
    }

    private AmqpFrame Decode(int size)
    {
        var body = _frame[4] * 4;
        if (body < HeaderBytes || body > size)
            throw new AmqpFaultException(ErrorCode.FramingError, "A frame's data offset does not point into it.");
        var isSasl = _frame[5] == 1;
        var channel = BinaryPrimitives.ReadUInt16BigEndian(_frame.AsSpan(6));
        if (body == size)
            return new AmqpFrame(isSasl, channel, null, default);

        var length = AmqpEncoding.Measure(_frame.AsSpan(body, size - body));
        AmqpEncoding.Check(_frame.AsSpan(body, length));
        return new AmqpFrame(isSasl, channel, DecodePerformative(body, length), _frame.AsMemory(body + length, size - body - length));
    }

    private DescribedList DecodePerformative(int at, int length)
    {
        try
        {
            var buffer = new ByteBuffer(_frame, at, length, length);
            if (Encoder.ReadDescribed(buffer, Encoder.ReadFormatCode(buffer)) is DescribedList performative)
                return performative;
        }
        catch (Exception exception) when (exception is not (AmqpFaultException or OutOfMemoryException))
        {
            // The decoder meets bytes from outside with whatever exception its casts and indexes give.
            throw new AmqpFaultException(ErrorCode.DecodeError, "A frame's performative cannot be decoded.", exception);
        }

        throw new AmqpFaultException(ErrorCode.DecodeError, "A frame does not begin with a performative.");
    }

    private async ValueTask<bool> FillAsync(int count, int at, CancellationToken cancellationToken)
    {
        if (count == 0)
            return true;
        var read = await input.ReadAtLeastAsync(count, cancellationToken);
        if (read.Buffer.Length < count)
        {
            input.AdvanceTo(read.Buffer.End);
            return false;
        }

        var wanted = read.Buffer.Slice(0, count);
        wanted.CopyTo(_frame.AsSpan(at));
        input.AdvanceTo(wanted.End);
        return true;
    }
}
