using System.Buffers;
using DataPlatform.Failures;

namespace DataPlatform.Ingestion.Readers;

/// <summary>Unfolds a compressed body: what all kinds of compression share, a window on the compressed bytes and the limits of what may
/// come of them. A body that is cut off, damaged or followed by other bytes is refused: to pass over that would lose rows in silence.</summary>
/// <param name="kind">The compression's name, for messages.</param>
internal abstract class UnfoldStream(string kind, Stream body, IngestionLimits limits) : InputStream
{
    private long _before;
    private long _unfolded;

    /// <summary>Compressed bytes; those from <see cref="At"/> to <see cref="End"/> are still to be unfolded.</summary>
    protected byte[] Window { get; private set; } = ArrayPool<byte>.Shared.Rent(64 << 10);

    protected int At { get; set; }

    protected int End { get; private set; }

    protected ReadOnlySpan<byte> Folded => Window.AsSpan(At, End - At);

    /// <summary>Reads until the window has so many bytes.</summary>
    /// <returns>False when the body ends before.</returns>
    protected async ValueTask<bool> EnsureAsync(int count, CancellationToken cancellationToken)
    {
        if (End - At >= count)
            return true;

        Window.AsSpan(At, End - At).CopyTo(Window);
        _before += At;
        End -= At;
        At = 0;
        while (End < count)
        {
            var read = await body.ReadAsync(Window.AsMemory(End), cancellationToken);
            if (read == 0)
                return false;
            End += read;
        }

        return true;
    }

    /// <summary>Counts what was unfolded.</summary>
    /// <exception cref="TerminalException"><c>UnfoldsTooLarge</c>: a bomb.</exception>
    protected void Count(int read)
    {
        _unfolded += read;
        if (_unfolded > limits.MaxUnfoldedBytes
            || (_unfolded > IngestionLimits.UnfoldRatioFrom && _unfolded / Math.Max(1, _before + At) > limits.MaxUnfoldRatio))
        {
            throw new TerminalException(FailureKind.TooLarge, "UnfoldsTooLarge",
                $"The {kind} body unfolds to more than {limits.MaxUnfoldedBytes} bytes or {limits.MaxUnfoldRatio} times its size. Nothing was stored. "
                + "Send it in smaller parts.", "Content-Encoding");
        }
    }

    protected TerminalException Damaged(string fault, string fix = "Compress the file again and send it whole.", Exception? innerException = null) =>
        UnreadableFile.At($"near byte {_before + At} of the {kind} data", fault, fix, innerException);

    protected override void Dispose(bool disposing)
    {
        if (disposing && Window.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(Window);
            Window = [];
        }

        base.Dispose(disposing);
    }
}
