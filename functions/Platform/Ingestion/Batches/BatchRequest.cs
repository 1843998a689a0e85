using DataPlatform.Ingestion.Readers;
using DataPlatform.Ingestion.Streaming;
using DataPlatform.Tables;

namespace DataPlatform.Ingestion.Batches;

/// <summary>A batch as it arrives.</summary>
/// <param name="Caller">Who sends it: the name of the key or identity, never the key itself.</param>
/// <param name="IdempotencyKey">The header <c>Idempotency-Key</c>, if any.</param>
/// <param name="Body">Read once, to its end. Limits of size are the stream's own matter: it throws when they are passed.</param>
public sealed record BatchRequest(
    string Dataset, string Caller, string? IdempotencyKey, string? ContentType, string? ContentEncoding, Stream Body)
{
    /// <summary>The service that sends it here, for the receipt.</summary>
    public string Service { get; init; } = CommittedBatch.DefaultService;

    /// <summary>Where the body lies already; then <see cref="Body"/> is not looked at.</summary>
    internal StoredBody? Stored { get; init; }

    /// <summary>The rows as events of a stream; then <see cref="Body"/> only holds what is kept of them in the raw zone.</summary>
    internal EventBatch? Events { get; init; }

    /// <summary>Is told how far the loading is, and may end it; null when nobody asks.</summary>
    internal LoadProgress? Progress { get; init; }

    /// <summary>The most rows it may have.</summary>
    public long MaxRows { get; init; } = long.MaxValue;

    /// <summary>The file in the form, when the body is one; else the request itself.</summary>
    /// <exception cref="Failures.TerminalException"><c>UnsupportedMediaType</c>, <c>UnreadableFile</c>.</exception>
    internal async Task<BatchRequest> UnwrapAsync(CancellationToken cancellationToken)
    {
        if (!UploadForm.Is(ContentType))
            return this;
        var (type, file) = await UploadForm.OpenAsync(ContentType!, ContentEncoding, Body, cancellationToken);
        return this with { ContentType = type, ContentEncoding = null, Body = file };
    }
}
