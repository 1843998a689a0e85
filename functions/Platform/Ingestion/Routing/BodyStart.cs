using DataPlatform.Ingestion.Preview;

namespace DataPlatform.Ingestion.Routing;

/// <summary>The first bytes of a body, read ahead into pooled memory, so that something can be decided before the rest comes.</summary>
internal sealed class BodyStart : IDisposable
{
    private const int FirstBytes = 16 << 10;

    private readonly Stream _rest;
    private byte[] _bytes;
    private int _length;

    private BodyStart(Stream rest)
    {
        _rest = rest;
        _bytes = LargeArrays.Of<byte>().Rent(FirstBytes);
    }

    public ReadOnlyMemory<byte> Bytes => _bytes.AsMemory(0, _length);

    /// <summary>Whether <see cref="Bytes"/> is all of the body.</summary>
    public bool IsWhole { get; private set; }

    /// <param name="most">Bytes to read ahead.</param>
    public static async Task<BodyStart> ReadAsync(Stream body, int most, CancellationToken cancellationToken)
    {
        var start = new BodyStart(body);
        try
        {
            while (start._length <= most)
            {
                if (start._length == start._bytes.Length)
                    start.Grow();
                var read = await body.ReadAsync(start._bytes.AsMemory(start._length), cancellationToken);
                start._length += read;
                if (read == 0)
                {
                    start.IsWhole = true;
                    break;
                }
            }

            return start;
        }
        catch
        {
            start.Dispose();
            throw;
        }
    }

    /// <summary>All of the body, from its first byte; once.</summary>
    public Stream Open() => IsWhole ? new MemoryStream(_bytes, 0, _length, writable: false) : new SampleStream(Bytes, _rest);

    public void Dispose()
    {
        LargeArrays.Of<byte>().Return(_bytes);
        _bytes = [];
        _length = 0;
    }

    private void Grow()
    {
        var larger = LargeArrays.Of<byte>().Rent(_bytes.Length * 2);
        Bytes.Span.CopyTo(larger);
        LargeArrays.Of<byte>().Return(_bytes);
        _bytes = larger;
    }
}
