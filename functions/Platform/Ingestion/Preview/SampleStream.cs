using DataPlatform.Ingestion.Readers;

namespace DataPlatform.Ingestion.Preview;

/// <summary>A text whose start was read already. It fills what it is given to fill, so that how a body arrives changes nothing.</summary>
internal sealed class SampleStream(ReadOnlyMemory<byte> start, Stream rest) : InputStream
{
    private ReadOnlyMemory<byte> _start = start;

    /// <summary>Bytes read so far.</summary>
    public long BytesRead { get; private set; }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var first = Math.Min(buffer.Length, _start.Length);
        _start[..first].CopyTo(buffer);
        _start = _start[first..];
        var read = first + await rest.ReadAtLeastAsync(buffer[first..], buffer.Length - first, throwOnEndOfStream: false, cancellationToken);
        BytesRead += read;
        return read;
    }
}
