using DataPlatform.Failures;
using DataPlatform.Ingestion.Readers;

namespace DataPlatform.Ingestion.Uploads.Fetch;

/// <summary>What a fetched file is: what the request says, else its server, else its name.</summary>
internal static class FetchMedia
{
    private static readonly Dictionary<string, string> Encodings = new(StringComparer.OrdinalIgnoreCase)
    {
        [".gz"] = "gzip",
        [".zst"] = "zstd",
        [".br"] = "br",
    };

    /// <exception cref="TerminalException"><c>UnsupportedMediaType</c>: nothing says what it is, or it is nothing that is read.</exception>
    public static (string ContentType, string? ContentEncoding) Of(FetchRequest request, FetchUrl url, string? answeredType, string? answeredEncoding)
    {
        var name = Path.GetFileName(url.Address.AbsolutePath);
        var folded = Encodings.GetValueOrDefault(Path.GetExtension(name));
        var encoding = request.ContentEncoding ?? (IsPlain(answeredEncoding) ? folded : answeredEncoding);
        var type = request.ContentType
            ?? (FileTypes.IsRead(answeredType) ? answeredType : null)
            ?? FileTypes.OfExtension(Path.GetExtension(folded is null ? name : Path.GetFileNameWithoutExtension(name)))
            ?? throw BatchMedia.Unsupported(
                $"Neither the server ({answeredType ?? "no Content-Type"}) nor the name says what '{url.Shown}' is. Add 'contentType' to the request, one of: {BatchMedia.Readable}.",
                "$.contentType");
        encoding = IsPlain(encoding) ? null : encoding;
        _ = BatchMedia.Parse(type, encoding);
        return (type, encoding);
    }

    private static bool IsPlain(string? encoding) => string.IsNullOrWhiteSpace(encoding) || encoding.Trim().Equals("identity", StringComparison.OrdinalIgnoreCase);
}
