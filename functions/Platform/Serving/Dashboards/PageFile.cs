using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;

namespace DataPlatform.Serving.Dashboards;

/// <summary>A file of the pages, as browsers get it.</summary>
/// <param name="ETag">Strong, with its quotes.</param>
public sealed record PageFile(string Name, string ContentType, ReadOnlyMemory<byte> Content, string ETag)
{
    private readonly Lazy<byte[]> _brotli = new(() => Compress(Content, stream => new BrotliStream(stream, CompressionLevel.SmallestSize)));
    private readonly Lazy<byte[]> _gzip = new(() => Compress(Content, stream => new GZipStream(stream, CompressionLevel.SmallestSize)));

    /// <summary>The bytes for what a browser accepts, and the <c>Content-Encoding</c> they are in; null for none. Made once.</summary>
    public (ReadOnlyMemory<byte> Bytes, string? Encoding) For(string acceptEncoding) =>
        ContentType is "font/woff2" ? (Content, null)
        : Accepts(acceptEncoding, "br") ? (_brotli.Value, "br")
        : Accepts(acceptEncoding, "gzip") ? (_gzip.Value, "gzip")
        : (Content, null);

    /// <summary>The same file with a place in it filled in.</summary>
    public PageFile With(string place, string text)
    {
        var content = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(Content.Span).Replace(place, text, StringComparison.Ordinal));
        return new PageFile(Name, ContentType, content, ETagOf(content));
    }

    internal static string ETagOf(byte[] content) => $"\"{Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 12))}\"";

    private static bool Accepts(string header, string encoding) => header.Split(',', StringSplitOptions.TrimEntries)
        .Any(item => item.Split(';', 2, StringSplitOptions.TrimEntries) is [var name, .. var rest] && name.Equals(encoding, StringComparison.OrdinalIgnoreCase) && rest is not ["q=0"]);

    private static byte[] Compress(ReadOnlyMemory<byte> content, Func<Stream, Stream> open)
    {
        using var target = new MemoryStream();
        using (var stream = open(target))
            stream.Write(content.Span);
        return target.ToArray();
    }
}
