using DataPlatform.Failures;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace DataPlatform.Gateway;

/// <summary>Keeps bodies within their limits: by their declared length, and while they are read.</summary>
public sealed class BodyLimits(IOptions<PlatformOptions> options)
{
    public const int MaxDocumentBytes = 1 << 20;

    /// <exception cref="TerminalException"><c>BodyTooLarge</c>, here or while the body is read.</exception>
    public void Apply(HttpRequest request, RequestBody body)
    {
        if (body == RequestBody.None)
            return;

        var (declared, read) = body == RequestBody.Document
            ? (MaxDocumentBytes, MaxDocumentBytes)
            : (options.Value.MaxBodyBytes, options.Value.MaxChunkedBodyBytes);
        if (request.ContentLength is { } length)
        {
            if (length > declared)
                throw TooLarge($"The body has {length} bytes; at most {declared} {Fix(body, read, declared)}");
        }
        else
        {
            request.Body = new LimitedStream(request.Body, read, () => TooLarge($"The body has more than {read} bytes; at most {read} {Fix(body, read, read)}"));
        }
    }

    private static string Fix(RequestBody body, long read, long limit) => body == RequestBody.Document
        ? "are read of a document."
        : limit < read
            ? $"are taken with Content-Length. Send it with Transfer-Encoding: chunked (up to {read} bytes), or {Larger(body)}."
            : $"are taken in one request. {(body == RequestBody.File ? "Split it, or write" : "Send it compressed, or")} {Larger(body)}.";

    private static string Larger(RequestBody body) => body == RequestBody.File
        ? "larger ones to the storage account itself, below files/ of the container lake"
        : "larger ones by an upload session (POST /api/v1/ingest/{dataset}/uploads)";

    private static TerminalException TooLarge(string message) => new(FailureKind.TooLarge, "BodyTooLarge", message, "body");
}
