using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using DataPlatform.Failures;

namespace DataPlatform.Ingestion.Readers;

/// <summary>
/// Unfolds a gzip body (RFC 1952) of one or more members. Unlike the framework's stream it refuses a body that is cut off, has a
/// wrong checksum or ends in other bytes: to pass over that would lose rows in silence.
/// </summary>
internal sealed class GunzipStream(Stream body, IngestionLimits limits) : Stream
{
    private const int TrailerLength = 8;
    private const int MaxHeaderField = 64 << 10;
    private const long RatioCheckedFrom = 64L << 20;

    private readonly byte[] _buffer = ArrayPool<byte>.Shared.Rent(64 << 10);
    private readonly Crc32 _checksum = new();
    private int _position;
    private int _end;
    private long _before;
    private int _fedFrom;
    private bool _starved;
    private long _unfolded;
    private uint _memberLength;
    private DeflateStream? _member;
    private bool _anyMember;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    private long Offset => _before + _position;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            if (_member is null && !await TryOpenMemberAsync(cancellationToken))
                return 0;

            int read;
            try
            {
                read = await _member!.ReadAsync(buffer, cancellationToken);
            }
            catch (InvalidDataException fault)
            {
                throw Damaged("the compressed data is damaged", fault);
            }

            if (read > 0)
            {
                _checksum.Append(buffer.Span[..read]);
                _memberLength += (uint)read;
                Count(read);
                return read;
            }

            await CloseMemberAsync(cancellationToken);
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _member?.Dispose();
            ArrayPool<byte>.Shared.Return(_buffer);
        }

        base.Dispose(disposing);
    }

    private void Count(int read)
    {
        _unfolded += read;
        if (_unfolded > limits.MaxUnfoldedBytes
            || (_unfolded > RatioCheckedFrom && _unfolded / Math.Max(1, Offset) > limits.MaxUnfoldRatio))
        {
            throw new TerminalException(FailureKind.TooLarge, "UnfoldsTooLarge",
                $"The gzip body unfolds to more than {limits.MaxUnfoldedBytes} bytes or {limits.MaxUnfoldRatio} times its size. Nothing was stored. "
                + "Send it in smaller parts.", "Content-Encoding");
        }
    }

    private async ValueTask<bool> TryOpenMemberAsync(CancellationToken cancellationToken)
    {
        if (!await EnsureAsync(1, cancellationToken))
            return _anyMember ? false : throw Damaged("it is empty");
        if (!await EnsureAsync(10, cancellationToken) || _buffer[_position] != 0x1F || _buffer[_position + 1] != 0x8B)
            throw Damaged(_anyMember ? "other bytes follow the compressed data" : "it does not start as gzip does");
        if (_buffer[_position + 2] != 8)
            throw Damaged("its compression method is unknown");

        var flags = _buffer[_position + 3];
        _position += 10;
        if ((flags & 4) != 0)
        {
            await DemandAsync(2, cancellationToken);
            var length = BinaryPrimitives.ReadUInt16LittleEndian(_buffer.AsSpan(_position));
            _position += 2;
            for (var i = 0; i < length; i++)
                await SkipByteAsync(cancellationToken);
        }

        for (var texts = ((flags >> 3) & 1) + ((flags >> 4) & 1); texts > 0; texts--)
        {
            var length = 0;
            while (await SkipByteAsync(cancellationToken) != 0)
            {
                if (++length > MaxHeaderField)
                    throw Damaged("its header is too long");
            }
        }

        for (var i = 0; (flags & 2) != 0 && i < 2; i++)
            await SkipByteAsync(cancellationToken);

        _anyMember = true;
        _memberLength = 0;
        _starved = false;
        _checksum.Reset();
        _member = new DeflateStream(new Feed(this), CompressionMode.Decompress);
        return true;
    }

    // The inflater reads ahead and does not tell where its data ended. The checksum and length that must follow are known by now, so the
    // end is where they stand, with the end of the body or another member behind them.
    private async ValueTask CloseMemberAsync(CancellationToken cancellationToken)
    {
        await _member!.DisposeAsync();
        _member = null;
        if (_starved)
            throw Damaged("it is cut off");

        _position = _fedFrom;
        await EnsureAsync(_end - _position + TrailerLength + 3, cancellationToken);
        var trailer = new byte[TrailerLength];
        BinaryPrimitives.WriteUInt32LittleEndian(trailer, _checksum.GetCurrentHashAsUInt32());
        BinaryPrimitives.WriteUInt32LittleEndian(trailer.AsSpan(4), _memberLength);
        var from = _position;
        while (true)
        {
            var found = _buffer.AsSpan(from, _end - from).IndexOf(trailer);
            if (found < 0)
                throw Damaged("it is cut off, its checksum is wrong, or other bytes follow it");
            var behind = _buffer.AsSpan(from + found + TrailerLength, _end - from - found - TrailerLength);
            if (behind.IsEmpty || behind.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B, 8]))
            {
                _position = from + found + TrailerLength;
                return;
            }

            from += found + 1;
        }
    }

    private async ValueTask<byte> SkipByteAsync(CancellationToken cancellationToken)
    {
        await DemandAsync(1, cancellationToken);
        return _buffer[_position++];
    }

    private async ValueTask DemandAsync(int count, CancellationToken cancellationToken)
    {
        if (!await EnsureAsync(count, cancellationToken))
            throw Damaged("it is cut off");
    }

    private async ValueTask<bool> EnsureAsync(int count, CancellationToken cancellationToken)
    {
        if (_end - _position >= count)
            return true;

        _buffer.AsSpan(_position, _end - _position).CopyTo(_buffer);
        _before += _position;
        _end -= _position;
        _position = 0;
        while (_end < count)
        {
            var read = await body.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
            if (read == 0)
                return false;
            _end += read;
        }

        return true;
    }

    private async ValueTask<int> FeedAsync(Memory<byte> target, CancellationToken cancellationToken)
    {
        if (!await EnsureAsync(1, cancellationToken))
        {
            _starved = true;
            return 0;
        }

        var length = Math.Min(target.Length, _end - _position);
        _buffer.AsSpan(_position, length).CopyTo(target.Span);
        _fedFrom = _position;
        _position += length;
        return length;
    }

    private TerminalException Damaged(string fault, Exception? innerException = null) => UnreadableFile.At(
        $"near byte {Offset} of the gzip data", fault, "Compress the file again and send it whole.", innerException);

    /// <summary>What the inflater reads from.</summary>
    private sealed class Feed(GunzipStream owner) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            owner.FeedAsync(buffer, cancellationToken);

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
