using DataPlatform.Catalog;
using DataPlatform.Failures;
using Microsoft.Net.Http.Headers;

namespace DataPlatform.Ingestion.Readers;

/// <summary>What a request's <c>Content-Type</c> and <c>Content-Encoding</c> say of its body.</summary>
public sealed record BatchMedia(BatchFormat Format, BodyCompression Compression = BodyCompression.None)
{
    /// <summary>The media types that are read, for error messages.</summary>
    public const string Readable =
        "text/csv, text/tab-separated-values, application/x-ndjson, application/json, application/vnd.apache.parquet, "
        + "application/cloudevents+json, application/cloudevents-batch+json, multipart/form-data";

    /// <summary>The media type of one event.</summary>
    public const string CloudEvent = "application/cloudevents+json";

    /// <summary>The media type of several events.</summary>
    public const string CloudEventBatch = "application/cloudevents-batch+json";

    /// <summary>Whether the rows are events.</summary>
    public bool HoldsEvents => Format is BatchFormat.CloudEvent or BatchFormat.CloudEventBatch;

    /// <summary>The text's encoding, when the media type names one.</summary>
    public TextEncoding? Charset { get; init; }

    /// <summary>What the media type says of CSV besides.</summary>
    public CsvParameters Csv { get; init; } = CsvParameters.None;

    /// <summary>How a raw object of this kind ends, e.g. <c>.csv.gz</c>.</summary>
    public string Extension => (Format switch
    {
        BatchFormat.Csv => Csv.Delimiter == '\t' ? ".tsv" : ".csv",
        BatchFormat.Ndjson => ".ndjson",
        BatchFormat.Json or BatchFormat.CloudEvent or BatchFormat.CloudEventBatch => ".json",
        _ => ".parquet",
    }) + (Compression switch
    {
        BodyCompression.Gzip => ".gz",
        BodyCompression.Zstd => ".zst",
        BodyCompression.Brotli => ".br",
        _ => "",
    });

    /// <exception cref="TerminalException"><c>UnsupportedMediaType</c>: names what is read.</exception>
    public static BatchMedia Parse(string? contentType, string? contentEncoding)
    {
        if (string.IsNullOrWhiteSpace(contentType))
            throw Unsupported($"The request does not say what its body is. Send a Content-Type, one of: {Readable}.", "Content-Type");
        if (!MediaTypeHeaderValue.TryParse(contentType, out var media))
            throw Unsupported($"The Content-Type '{contentType}' is not a media type. Send one of: {Readable}.", "Content-Type");

        var type = media.MediaType.Value?.ToLowerInvariant();
        BatchFormat? format = type switch
        {
            "text/csv" or "application/csv" or "text/tab-separated-values" => BatchFormat.Csv,
            "application/x-ndjson" or "application/ndjson" or "application/jsonl" or "application/x-jsonlines" => BatchFormat.Ndjson,
            "application/json" => BatchFormat.Json,
            CloudEvent => BatchFormat.CloudEvent,
            CloudEventBatch => BatchFormat.CloudEventBatch,
            "application/vnd.apache.parquet" or "application/x-parquet" => BatchFormat.Parquet,
            _ => null,
        };
        if (format is null)
            throw Unsupported($"Bodies of type '{media.MediaType}' are not read. Send one of: {Readable}.", "Content-Type");

        return new BatchMedia(format.Value, CompressionOf(contentEncoding))
        {
            Charset = format is BatchFormat.Parquet ? null : CharsetOf(media),
            Csv = format is BatchFormat.Csv ? CsvParameters.Of(media, type == "text/tab-separated-values") : CsvParameters.None,
        };
    }

    /// <summary>How a dataset's text is to be read when it comes as this.</summary>
    /// <exception cref="TerminalException"><c>UnsupportedMediaType</c>: contract and media type together make no dialect.</exception>
    public CsvDialect DialectOf(DatasetDefinition definition)
    {
        if (Format != BatchFormat.Csv)
            return CsvDialect.Default with { Encoding = Charset ?? TextEncoding.Utf8 };

        var dialect = Csv.ApplyTo(definition.Csv) with { Encoding = Charset ?? definition.Csv.Encoding };
        return CsvDialectParser.Collision(dialect) is { } mistake
            ? throw Unsupported($"The Content-Type and the contract's 'csv' do not go together: for '{mistake.Member}', {mistake.Message}", "Content-Type")
            : dialect;
    }

    internal static TerminalException Unsupported(string message, string header) =>
        new(FailureKind.UnsupportedMediaType, "UnsupportedMediaType", message, header);

    private static BodyCompression CompressionOf(string? contentEncoding) => contentEncoding?.Trim().ToLowerInvariant() switch
    {
        null or "" or "identity" => BodyCompression.None,
        "gzip" or "x-gzip" => BodyCompression.Gzip,
        "zstd" => BodyCompression.Zstd,
        "br" => BodyCompression.Brotli,
        _ => throw Unsupported($"The Content-Encoding '{contentEncoding}' is not read. Send gzip, zstd, br or none.", "Content-Encoding"),
    };

    private static TextEncoding? CharsetOf(MediaTypeHeaderValue media)
    {
        if (!media.Charset.HasValue)
            return null;
        return TextEncodings.TryParseCharset(HeaderUtilities.RemoveQuotes(media.Charset).ToString(), out var encoding)
            ? encoding
            : throw Unsupported($"Text in '{media.Charset}' is not read. Send it in one of: {string.Join(", ", TextEncodings.Names)}.", "Content-Type");
    }
}
