using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using Amqp;
using Amqp.Types;

namespace DataPlatform.Local.EventHubs.Protocol;

/// <summary>
/// What is sent on a connection, by any thread. Frames are put in line at once, and written together by the connection's own loop. Whoever sends much waits
/// for room first, so that a peer that does not read costs no memory.
/// </summary>
internal sealed class AmqpOutput(PipeWriter output, int roomBytes)
{
    private const int HeaderBytes = 8;

    private readonly Lock _gate = new();
    private readonly ByteBuffer _performative = new(256, autoGrow: true);
    private readonly Storage.AsyncSignal _filled = new();
    private ArrayBufferWriter<byte> _line = new(4096);
    private ArrayBufferWriter<byte> _written = new(4096);
    private TaskCompletionSource? _room;
    private bool _ended;

    /// <summary>Puts a protocol header in line.</summary>
    public void Write(ulong protocol)
    {
        lock (_gate)
        {
            BinaryPrimitives.WriteUInt64BigEndian(_line.GetSpan(HeaderBytes), protocol);
            _line.Advance(HeaderBytes);
        }

        _filled.Give();
    }

    /// <summary>Puts a frame in line. Not an error once the connection has ended: nobody is there to read it.</summary>
    /// <param name="performative">Null for an empty frame.</param>
    public void Write(bool isSasl, ushort channel, DescribedList? performative, ReadOnlySpan<byte> payload = default)
    {
        lock (_gate)
        {
            if (_ended)
                return;
            _performative.Reset();
            performative?.Encode(_performative);
            var size = HeaderBytes + _performative.Length + payload.Length;
            var frame = _line.GetSpan(size);
            BinaryPrimitives.WriteInt32BigEndian(frame, size);
            frame[4] = HeaderBytes / 4;
            frame[5] = isSasl ? (byte)1 : (byte)0;
            BinaryPrimitives.WriteUInt16BigEndian(frame[6..], channel);
            _performative.Buffer.AsSpan(_performative.Offset, _performative.Length).CopyTo(frame[HeaderBytes..]);
            payload.CopyTo(frame[(HeaderBytes + _performative.Length)..]);
            _line.Advance(size);
        }

        _filled.Give();
    }

    /// <summary>Ends when what is in line is little enough to put more behind it.</summary>
    public Task WaitForRoomAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_line.WrittenCount < roomBytes || _ended)
                return Task.CompletedTask;
            _room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _room.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Writes what is put in line until <see cref="End"/>, and what stood in line then.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var ended = false;
        while (!ended)
        {
            await _filled.WaitAsync(cancellationToken);
            ended = Swap();
            if (_written.WrittenCount == 0)
                continue;
            var flushed = await output.WriteAsync(_written.WrittenMemory, cancellationToken);
            ended |= flushed.IsCompleted;
            _written.Clear();
        }

        End();
    }

    /// <summary>Nothing more is put in line.</summary>
    public void End()
    {
        TaskCompletionSource? room;
        lock (_gate)
        {
            _ended = true;
            (room, _room) = (_room, null);
        }

        room?.SetResult();
        _filled.Give();
    }

    private bool Swap()
    {
        TaskCompletionSource? room;
        bool ended;
        lock (_gate)
        {
            (_line, _written) = (_written, _line);
            (room, _room) = (_room, null);
            ended = _ended;
        }

        room?.SetResult();
        return ended;
    }
}
