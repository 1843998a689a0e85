using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;
using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Ingestion.Readers;

namespace DataPlatform.Ingestion.Uploads.Fetch;

/// <summary>Reads requests to fetch: <c>{"url": …}</c>.</summary>
public static class FetchRequestReader
{
    /// <summary>Longest request, in bytes.</summary>
    public const int MaxBytes = 16 << 10;

    private static readonly string[] Members = ["url", "contentType", "contentEncoding", "sha256", "bytes"];
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 4 };

    /// <exception cref="TerminalException"><c>MalformedJson</c>, <c>InvalidFetch</c> with a detail for each mistake, <c>UnsupportedMediaType</c>.</exception>
    public static FetchRequest Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = Utf8.IsValid(json.Span) ? JsonDocument.Parse(json, Options) : throw new JsonException("It is not UTF-8.");
            return Of(document.RootElement);
        }
        catch (JsonException fault)
        {
            throw new TerminalException(FailureKind.Invalid, "MalformedJson",
                """The request to fetch is not JSON in UTF-8: send an object like {"url": "https://files.example.com/orders.csv"}.""", "$", innerException: fault);
        }
    }

    /// <summary>Whether a JSON text is an object with a URL and nothing that a request to fetch has not.</summary>
    public static bool Is(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, Options);
            return document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("url", out var url) && url.ValueKind == JsonValueKind.String
                && document.RootElement.EnumerateObject().All(member => Members.Contains(member.Name));
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            // Damaged, or half of a surrogate pair: whoever reads rows says what is wrong with it.
            return false;
        }
    }

    private static FetchRequest Of(JsonElement root)
    {
        var mistakes = new Mistakes();
        FetchRequest? request = null;
        if (ObjectReader.Open(root, "$", mistakes) is { } reader)
        {
            var bytes = reader.NumberOrText("bytes");
            request = new FetchRequest
            {
                Url = reader.Text("url", required: true) ?? "",
                ContentType = reader.Text("contentType"),
                ContentEncoding = reader.Text("contentEncoding"),
                Sha256 = reader.Text("sha256")?.ToLowerInvariant(),
                Bytes = long.TryParse(bytes, NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : null,
            };
            if (bytes is not null && request.Bytes is null)
                mistakes.Add("OutOfRange", "$.bytes", "'bytes' must be a whole number, from 0.");
            if (request.Sha256 is { } sha256 && (sha256.Length != 64 || sha256.Any(digit => !char.IsAsciiHexDigit(digit))))
                mistakes.Add("InvalidHash", "$.sha256", "'sha256' must be 64 hexadecimal digits.");
            if (reader.Has("headers"))
                mistakes.Add("NoHeaders", "$.headers", "No headers are sent along. Give a URL that carries its own permission, such as one with a shared access signature.");
            reader.Close();
        }

        if (mistakes.Count > 0)
            throw mistakes.ToException("the fetch", FailureKind.Invalid, "InvalidFetch");
        if (request!.ContentType is not null || request.ContentEncoding is not null)
            _ = BatchMedia.Parse(request.ContentType ?? "text/csv", request.ContentEncoding);
        return request;
    }
}
