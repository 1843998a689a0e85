using System.Buffers;
using System.Security.Cryptography;
using DataPlatform.Failures;

namespace DataPlatform.Ingestion.Realtime;

/// <summary>A small body, whole, in pooled memory.</summary>
internal sealed class RecordBody : IDisposable
{
    private const int FirstBytes = 4 << 10;

    private byte[] _bytes;
    private int _length;

    private RecordBody(byte[] bytes) => _bytes = bytes;

    public ReadOnlyMemory<byte> Bytes => _bytes.AsMemory(0, _length);

    /// <summary>Lowercase hex.</summary>
    public string Sha256 { get; private set; } = "";

    /// <param name="dataset">To name the way for larger ones.</param>
    /// <exception cref="TerminalException"><c>BodyTooLarge</c>.</exception>
    public static async Task<RecordBody> ReadAsync(string dataset, Stream source, int maxBytes, CancellationToken cancellationToken)
    {
        var body = new RecordBody(ArrayPool<byte>.Shared.Rent(FirstBytes));
        try
        {
            while (true)
            {
                if (body._length == body._bytes.Length)
                    body.Grow();
                var read = await source.ReadAsync(body._bytes.AsMemory(body._length), cancellationToken);
                if (read == 0)
                    break;
                body._length += read;
                if (body._length > maxBytes)
                {
                    throw new TerminalException(FailureKind.TooLarge, "BodyTooLarge",
                        $"The body has more than {maxBytes} bytes, which is too much for single rows. Nothing was stored. Send it to "
                        + $"'/api/v1/ingest/{dataset}/batches'.");
                }
            }

            body.Sha256 = Convert.ToHexStringLower(SHA256.HashData(body.Bytes.Span));
            return body;
        }
        catch
        {
            body.Dispose();
            throw;
        }
    }

    public Stream OpenRead() => new MemoryStream(_bytes, 0, _length, writable: false);

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
        _length = 0;
    }

    private void Grow()
    {
        var larger = ArrayPool<byte>.Shared.Rent(_bytes.Length * 2);
        _bytes.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = larger;
    }
}
