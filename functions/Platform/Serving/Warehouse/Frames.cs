using System.Buffers.Binary;
using System.Text.Json;

namespace DataPlatform.Serving.Warehouse;

/// <summary>Frames on a pipe: kind, length in four bytes (little endian), content.</summary>
internal static class Frames
{
    private const int HeaderBytes = 5;

    /// <summary>Of what comes from a worker, which may be under somebody else's control: it cannot make us take much memory.</summary>
    private const int MaxBytes = 64 << 20;

    public static ValueTask WriteAsync<T>(Stream stream, FrameKind kind, T content, CancellationToken cancellationToken) =>
        WriteAsync(stream, kind, (ReadOnlyMemory<byte>)JsonSerializer.SerializeToUtf8Bytes(content, PlatformJson.Options), cancellationToken);

    public static async ValueTask WriteAsync(Stream stream, FrameKind kind, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var header = new byte[HeaderBytes];
        header[0] = (byte)kind;
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(1), content.Length);
        await stream.WriteAsync(header, cancellationToken);
        await stream.WriteAsync(content, cancellationToken);
        await stream.FlushAsync(cancellationToken);
    }

    /// <exception cref="EndOfStreamException">The other side has closed.</exception>
    /// <exception cref="InvalidDataException">That was no frame.</exception>
    public static async ValueTask<(FrameKind Kind, byte[] Content)> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        var header = new byte[HeaderBytes];
        await stream.ReadExactlyAsync(header, cancellationToken);
        var length = BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(1));
        if (length is < 0 or > MaxBytes)
            throw new InvalidDataException("This is no frame.");
        var content = new byte[length];
        await stream.ReadExactlyAsync(content, cancellationToken);
        return ((FrameKind)header[0], content);
    }
}
