using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Unicode;
using DataPlatform.Catalog;
using DataPlatform.Failures;

namespace DataPlatform.Ingestion.Uploads;

/// <summary>What is said of an upload's bytes when its session begins, and when it is completed.</summary>
/// <param name="Bytes">How many there are; null when that is not known.</param>
/// <param name="Sha256">Lowercase hex; null when that is not known.</param>
/// <param name="ETag">Without quotes; null when nobody asks.</param>
public sealed record SessionRequest(string? ContentType, string? ContentEncoding, long? Bytes, string? Sha256, string? ETag)
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 4 };

    /// <summary>Tells the request from others with its idempotency key.</summary>
    public string Hash() => Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(this, PlatformJson.Options)));

    /// <summary>Reads <c>{"contentType", "contentEncoding"?, "bytes"?, "sha256"?}</c>.</summary>
    /// <exception cref="TerminalException"><c>MalformedJson</c>, <c>InvalidUpload</c> with a detail for each mistake.</exception>
    public static SessionRequest ReadBegin(ReadOnlyMemory<byte> json) => Read(json, (reader, mistakes) =>
    {
        var bytes = reader.NumberOrText("bytes");
        var count = long.TryParse(bytes, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : (long?)null;
        if (bytes is not null && count is null)
            mistakes.Add("OutOfRange", "$.bytes", "'bytes' must be a whole number, from 1.");
        return new SessionRequest(reader.Text("contentType", required: true), reader.Text("contentEncoding"), count, Sha256In(reader, mistakes), null);
    });

    /// <summary>Reads <c>{"etag"?, "sha256"?}</c>.</summary>
    /// <inheritdoc cref="ReadBegin"/>
    public static SessionRequest ReadEnd(ReadOnlyMemory<byte> json) => json.IsEmpty
        ? new SessionRequest(null, null, null, null, null)
        : Read(json, (reader, mistakes) => new SessionRequest(null, null, null, Sha256In(reader, mistakes), reader.Text("etag")?.Trim('"')));

    private static string? Sha256In(ObjectReader reader, Mistakes mistakes)
    {
        var sha256 = reader.Text("sha256")?.ToLowerInvariant();
        if (sha256 is not null && (sha256.Length != 2 * SHA256.HashSizeInBytes || sha256.Any(digit => !char.IsAsciiHexDigit(digit))))
            mistakes.Add("InvalidHash", "$.sha256", "'sha256' must be 64 hexadecimal digits.");
        return sha256;
    }

    private static SessionRequest Read(ReadOnlyMemory<byte> json, Func<ObjectReader, Mistakes, SessionRequest> read)
    {
        var mistakes = new Mistakes();
        SessionRequest? request = null;
        try
        {
            using var document = Utf8.IsValid(json.Span) ? JsonDocument.Parse(json, Options) : throw new JsonException("It is not UTF-8.");
            if (ObjectReader.Open(document.RootElement, "$", mistakes) is { } reader)
            {
                request = read(reader, mistakes);
                reader.Close();
            }
        }
        catch (JsonException fault)
        {
            throw new TerminalException(FailureKind.Invalid, "MalformedJson", """The document is not JSON in UTF-8: send an object like {"contentType": "text/csv"}.""", "$", innerException: fault);
        }

        return mistakes.Count == 0 ? request! : throw mistakes.ToException("the upload", FailureKind.Invalid, "InvalidUpload");
    }
}
