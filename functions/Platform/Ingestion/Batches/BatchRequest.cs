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

    /// <summary>The most rows it may have.</summary>
    public long MaxRows { get; init; } = long.MaxValue;
}
