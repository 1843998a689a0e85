using DataPlatform.Failures;
using Microsoft.Net.Http.Headers;

namespace DataPlatform.Ingestion.Readers;

/// <summary>What a request's <c>Content-Type</c> and <c>Content-Encoding</c> say of its body.</summary>
public sealed record BatchMedia(BatchFormat Format, bool Gzip)
{
    /// <summary>The media types that are read, for error messages.</summary>
    public const string Readable = "text/csv, application/x-ndjson, application/vnd.apache.parquet";

    /// <summary>How a raw object of this kind ends, e.g. <c>.csv.gz</c>.</summary>
    public string Extension => (Format switch
    {
        BatchFormat.Csv => ".csv",
        BatchFormat.Ndjson => ".ndjson",
        _ => ".parquet",
    }) + (Gzip ? ".gz" : "");

    /// <exception cref="TerminalException"><c>UnsupportedMediaType</c>: names what is read.</exception>
    public static BatchMedia Parse(string? contentType, string? contentEncoding)
    {
        if (string.IsNullOrWhiteSpace(contentType))
            throw Unsupported($"The request does not say what its body is. Send a Content-Type, one of: {Readable}.", "Content-Type");
        if (!MediaTypeHeaderValue.TryParse(contentType, out var media))
            throw Unsupported($"The Content-Type '{contentType}' is not a media type. Send one of: {Readable}.", "Content-Type");

        BatchFormat? format = media.MediaType.Value?.ToLowerInvariant() switch
        {
            "text/csv" or "application/csv" => BatchFormat.Csv,
            "application/x-ndjson" or "application/ndjson" or "application/jsonl" or "application/x-jsonlines" => BatchFormat.Ndjson,
            "application/vnd.apache.parquet" or "application/x-parquet" => BatchFormat.Parquet,
            _ => null,
        };
        if (format is null)
            throw Unsupported($"Bodies of type '{media.MediaType}' are not read. Send one of: {Readable}.", "Content-Type");

        if (media.Charset.HasValue && !media.Charset.Value!.Trim('"').Equals("utf-8", StringComparison.OrdinalIgnoreCase))
            throw Unsupported($"Text is read as UTF-8, not as '{media.Charset}'. Convert it and send charset=utf-8.", "Content-Type");

        return contentEncoding?.Trim().ToLowerInvariant() switch
        {
            null or "" or "identity" => new BatchMedia(format.Value, Gzip: false),
            "gzip" or "x-gzip" => new BatchMedia(format.Value, Gzip: true),
            _ => throw Unsupported($"The Content-Encoding '{contentEncoding}' is not read. Send gzip or none.", "Content-Encoding"),
        };
    }

    private static TerminalException Unsupported(string message, string header) =>
        new(FailureKind.UnsupportedMediaType, "UnsupportedMediaType", message, header);
}
