using DataPlatform.Failures;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace DataPlatform.Gateway;

/// <summary>Reads JSON documents from requests.</summary>
public static class DocumentReader
{
    /// <summary>The body, at most 1 MiB.</summary>
    /// <exception cref="TerminalException"><c>UnsupportedMediaType</c>, <c>UnsupportedEncoding</c>, <c>EmptyBody</c> or
    /// <c>BodyTooLarge</c>.</exception>
    public static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var document = await ReadOptionalAsync(request, cancellationToken);
        return document.IsEmpty ? throw new TerminalException(FailureKind.Invalid, "EmptyBody", "The request needs a JSON document as its body.", "body") : document;
    }

    /// <summary>The same, or nothing when the body is empty: clients that send none do not say so in the same way.</summary>
    /// <exception cref="TerminalException"><c>UnsupportedMediaType</c>, <c>UnsupportedEncoding</c> or <c>BodyTooLarge</c>.</exception>
    public static async Task<ReadOnlyMemory<byte>> ReadOptionalAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        CheckType(request);
        if (request.Headers.ContentEncoding is { Count: > 0 } encoding && !string.Equals(encoding.ToString(), "identity", StringComparison.OrdinalIgnoreCase))
            throw new TerminalException(FailureKind.UnsupportedMediaType, "UnsupportedEncoding", $"Documents are read as they are, not with Content-Encoding '{encoding}': send it uncompressed.", "Content-Encoding");

        using var buffer = new MemoryStream();
        var limited = new LimitedStream(request.Body, BodyLimits.MaxDocumentBytes, TooLarge);
        await limited.CopyToAsync(buffer, cancellationToken);
        return buffer.GetBuffer().AsMemory(0, (int)buffer.Length);
    }

    private static void CheckType(HttpRequest request)
    {
        if (string.IsNullOrEmpty(request.ContentType))
            return;
        if (MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            && (type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase) || type.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase))
            && (!type.Charset.HasValue || type.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase) || type.Charset.Equals("\"utf-8\"", StringComparison.OrdinalIgnoreCase)))
            return;

        throw new TerminalException(FailureKind.UnsupportedMediaType, "UnsupportedMediaType", "Documents are JSON in UTF-8: send them with Content-Type: application/json.", "Content-Type");
    }

    private static TerminalException TooLarge() => new(
        FailureKind.TooLarge, "BodyTooLarge", $"The body has more than {BodyLimits.MaxDocumentBytes} bytes, which is the most that is read of a document.", "body");
}
