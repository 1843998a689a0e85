using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;

namespace DataPlatform.Ingestion.Readers;

/// <summary>
/// Unfolds a gzip body (RFC 1952) of one or more members. Unlike the framework's stream it refuses a body that is cut off, has a
/// wrong checksum or ends in other bytes: to pass over that would lose rows in silence.
/// </summary>
internal sealed class GunzipStream(Stream body, IngestionLimits limits) : UnfoldStream("gzip", body, limits)
{
    private const int TrailerLength = 8;
    private const int MaxHeaderField = 64 << 10;

    private readonly Crc32 _checksum = new();
    private int _fedFrom;
    private bool _starved;
    private uint _memberLength;
    private DeflateStream? _member;
    private bool _anyMember;

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
                throw Damaged("the compressed data is damaged", innerException: fault);
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

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _member?.Dispose();
        base.Dispose(disposing);
    }

    private async ValueTask<bool> TryOpenMemberAsync(CancellationToken cancellationToken)
    {
        if (!await EnsureAsync(1, cancellationToken))
            return _anyMember ? false : throw Damaged("it is empty");
        if (!await EnsureAsync(10, cancellationToken) || Window[At] != 0x1F || Window[At + 1] != 0x8B)
            throw Damaged(_anyMember ? "other bytes follow the compressed data" : "it does not start as gzip does");
        if (Window[At + 2] != 8)
            throw Damaged("its compression method is unknown");

        var flags = Window[At + 3];
        At += 10;
        if ((flags & 4) != 0)
        {
            await DemandAsync(2, cancellationToken);
            var length = BinaryPrimitives.ReadUInt16LittleEndian(Window.AsSpan(At));
            At += 2;
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

        At = _fedFrom;
        await EnsureAsync(End - At + TrailerLength + 3, cancellationToken);
        var trailer = new byte[TrailerLength];
        BinaryPrimitives.WriteUInt32LittleEndian(trailer, _checksum.GetCurrentHashAsUInt32());
        BinaryPrimitives.WriteUInt32LittleEndian(trailer.AsSpan(4), _memberLength);
        var from = At;
        while (true)
        {
            var found = Window.AsSpan(from, End - from).IndexOf(trailer);
            if (found < 0)
                throw Damaged("it is cut off, its checksum is wrong, or other bytes follow it");
            var behind = Window.AsSpan(from + found + TrailerLength, End - from - found - TrailerLength);
            if (behind.IsEmpty || behind.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B, 8]))
            {
                At = from + found + TrailerLength;
                return;
            }

            from += found + 1;
        }
    }

    private async ValueTask<byte> SkipByteAsync(CancellationToken cancellationToken)
    {
        await DemandAsync(1, cancellationToken);
        return Window[At++];
    }

    private async ValueTask DemandAsync(int count, CancellationToken cancellationToken)
    {
        if (!await EnsureAsync(count, cancellationToken))
            throw Damaged("it is cut off");
    }

    private async ValueTask<int> FeedAsync(Memory<byte> target, CancellationToken cancellationToken)
    {
        if (!await EnsureAsync(1, cancellationToken))
        {
            _starved = true;
            return 0;
        }

        var length = Math.Min(target.Length, End - At);
        Window.AsSpan(At, length).CopyTo(target.Span);
        _fedFrom = At;
        At += length;
        return length;
    }

    /// <summary>What the inflater reads from.</summary>
    private sealed class Feed(GunzipStream owner) : InputStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            owner.FeedAsync(buffer, cancellationToken);
    }
}
