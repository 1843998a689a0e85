using System.Buffers;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace DataPlatform.Ingestion.Readers;

/// <summary>Unfolds a zstd body (RFC 8878) of one or more frames, with windows of at most 8 MiB as RFC 9659 has it for HTTP.</summary>
internal sealed class UnzstdStream : UnfoldStream
{
    private const int MaxWindowLog = 23;
    private const string Fix = "Compress the file again, with a level of at most 19 and without --long, and send it whole.";

    private readonly Decompressor _decompressor = new();
    private bool _anyFrame;
    private bool _inFrame;

    public UnzstdStream(Stream body, IngestionLimits limits)
        : base("zstd", body, limits) => _decompressor.SetParameter(ZSTD_dParameter.ZSTD_d_windowLogMax, MaxWindowLog);

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            if (!_inFrame && !await EnsureAsync(1, cancellationToken))
                return _anyFrame ? 0 : throw Damaged("it is empty");

            var status = _decompressor.UnwrapStream(Folded, buffer.Span, out var consumed, out var written);
            At += consumed;
            Count(written);
            if (status == OperationStatus.InvalidData)
                throw Damaged("the compressed data is damaged, or its window is larger than 8 MiB", Fix);
            _anyFrame = true;
            _inFrame = status != OperationStatus.Done;
            if (written > 0)
                return written;
            if (status == OperationStatus.NeedMoreData && !await EnsureAsync(End - At + 1, cancellationToken))
                throw Damaged("it is cut off");
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _decompressor.Dispose();
        base.Dispose(disposing);
    }
}
