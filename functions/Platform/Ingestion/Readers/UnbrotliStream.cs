using System.Buffers;
using System.IO.Compression;

namespace DataPlatform.Ingestion.Readers;

/// <summary>Unfolds a brotli body (RFC 7932). The format has no checksum: damage that still unfolds is not seen.</summary>
internal sealed class UnbrotliStream(Stream body, IngestionLimits limits) : UnfoldStream("brotli", body, limits)
{
    private BrotliDecoder _decoder;
    private bool _done;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!_done)
        {
            var status = _decoder.Decompress(Folded, buffer.Span, out var consumed, out var written);
            At += consumed;
            Count(written);
            if (status == OperationStatus.InvalidData)
                throw Damaged("the compressed data is damaged");
            _done = status == OperationStatus.Done;
            if (written > 0)
                return written;
            if (status == OperationStatus.NeedMoreData && !await EnsureAsync(End - At + 1, cancellationToken))
                throw Damaged("it is cut off");
        }

        if (await EnsureAsync(1, cancellationToken))
            throw Damaged("other bytes follow the compressed data");
        return 0;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _decoder.Dispose();
        base.Dispose(disposing);
    }
}
