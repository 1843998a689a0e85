using System.Net;
using System.Security.Cryptography;

namespace DataPlatform.Conformance.Tests.Http;

/// <summary>A body of known bytes that is never held whole.</summary>
internal sealed class PatternContent : HttpContent
{
    private static readonly byte[] Block = [.. Enumerable.Range(0, 64 * 1024).Select(i => (byte)(i * 31))];
    private readonly long _length;
    private readonly bool _chunked;

    public PatternContent(long length, bool chunked)
    {
        (_length, _chunked) = (length, chunked);
        Headers.ContentType = new("application/octet-stream");
    }

    public string Sha256
    {
        get
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            for (var left = _length; left > 0; left -= Block.Length)
                hash.AppendData(Block.AsSpan(0, (int)Math.Min(left, Block.Length)));
            return Convert.ToHexString(hash.GetHashAndReset());
        }
    }

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        for (var left = _length; left > 0; left -= Block.Length)
            await stream.WriteAsync(Block.AsMemory(0, (int)Math.Min(left, Block.Length)));
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _length;
        return !_chunked;
    }
}
