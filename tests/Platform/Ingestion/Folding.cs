using System.IO.Compression;
using DataPlatform.Ingestion.Readers;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace DataPlatform.Ingestion;

/// <summary>Compresses as clients do, and unfolds as the platform does.</summary>
internal static class Folding
{
    public static byte[] Fold(BodyCompression compression, byte[] content) => compression switch
    {
        BodyCompression.Gzip => BatchBed.Gzip(content),
        BodyCompression.Zstd => Zstd(content, 3),
        BodyCompression.Brotli => Brotli(content),
        _ => content,
    };

    /// <summary>The <c>Content-Encoding</c>.</summary>
    public static string? NameOf(BodyCompression compression) => compression switch
    {
        BodyCompression.Gzip => "gzip",
        BodyCompression.Zstd => "zstd",
        BodyCompression.Brotli => "br",
        _ => null,
    };

    public static Stream Unfold(BodyCompression compression, Stream body, IngestionLimits limits) => compression switch
    {
        BodyCompression.Gzip => new GunzipStream(body, limits),
        BodyCompression.Zstd => new UnzstdStream(body, limits),
        _ => new UnbrotliStream(body, limits),
    };

    public static byte[] Zstd(byte[] content, int level, int windowLog = 0)
    {
        // As the command does it: with a checksum, in pieces, so that the frame has a window.
        using var target = new MemoryStream();
        using (var zstd = new CompressionStream(target, level))
        {
            zstd.SetParameter(ZSTD_cParameter.ZSTD_c_checksumFlag, 1);
            zstd.SetParameter(ZSTD_cParameter.ZSTD_c_windowLog, windowLog);
            zstd.Write(content);
        }

        return target.ToArray();
    }

    private static byte[] Brotli(byte[] content)
    {
        using var target = new MemoryStream();
        using (var brotli = new BrotliStream(target, CompressionLevel.Fastest))
            brotli.Write(content);
        return target.ToArray();
    }
}
