using DataPlatform.Lake;

namespace DataPlatform.Ingestion.Quarantine;

/// <summary>What is known of a batch's quarantine. It follows from the table's log and the batch's quarantine file.</summary>
public sealed record QuarantinedBatch
{
    /// <summary>The batch's id.</summary>
    public required string Id { get; init; }

    /// <summary>Rows that went to quarantine.</summary>
    public required long Quarantined { get; init; }

    public long Replayed { get; init; }

    public long Dismissed { get; init; }

    /// <summary>Where the rows lie; null when they were removed after their time.</summary>
    public string? File { get; init; }

    /// <summary>Which part of <see cref="File"/> is this batch's; null when all of it is.</summary>
    public ByteRange? FileRange { get; init; }

    public string? ContentType { get; init; }

    public required long DefinitionVersion { get; init; }

    public required DateTimeOffset Started { get; init; }

    public required DateTimeOffset Committed { get; init; }

    /// <summary>Of the batch's commit.</summary>
    public required long TableVersion { get; init; }

    /// <summary>Of the newest commit that took rows out of the quarantine, or <see cref="TableVersion"/>.</summary>
    public required long CountedVersion { get; init; }

    public IReadOnlyList<BatchCause> Causes { get; init; } = [];

    public long Open => Quarantined - Replayed - Dismissed;
}
