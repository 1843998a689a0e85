using DataPlatform.Lake;
using DataPlatform.Tables;

namespace DataPlatform.Operations;

/// <summary>What the sender of a batch gets, and can ask for again. The counts are final once it is committed:
/// received = loaded + quarantined + duplicate + discarded.</summary>
public sealed record Receipt
{
    /// <summary>The batch's id.</summary>
    public required string Id { get; init; }

    public required string Dataset { get; init; }

    public required ReceiptState State { get; init; }

    /// <summary>Which of the ingestion services took it.</summary>
    public string Service { get; init; } = CommittedBatch.DefaultService;

    /// <summary><c>committed</c>: the rows are in the dataset's table, on durable storage. Null until then.</summary>
    public string? Durability => State == ReceiptState.Committed ? "committed" : null;

    public long Received { get; init; }

    public long Loaded { get; init; }

    public long Quarantined { get; init; }

    /// <summary>Of the rows that went to quarantine, those that are still there: quarantined = open + replayed + dismissed. Null when there
    /// were none.</summary>
    public long? Open { get; init; }

    /// <summary>Of the rows that went to quarantine, those that came in again with another batch, whose <see cref="Parent"/> is this one.</summary>
    public long? Replayed { get; init; }

    /// <summary>Of the rows that went to quarantine, those that were given up.</summary>
    public long? Dismissed { get; init; }

    /// <summary>The batch out of whose quarantine the rows come; null when they come from outside.</summary>
    public string? Parent { get; init; }

    /// <summary>Rows with the key of another row of the same batch: of a merge the last one is loaded, where the contract says <c>unique</c>
    /// the first.</summary>
    public long Duplicate { get; init; }

    public long Discarded { get; init; }

    /// <summary>Rows that were loaded although they break a check whose <c>onFail</c> is <c>warn</c>, by check; null when there are none.</summary>
    public IReadOnlyDictionary<string, long>? Warnings { get; init; }

    /// <summary>Of the body as it came.</summary>
    public long Bytes { get; init; }

    /// <summary>Lowercase hex, of the body as it came; null unless committed.</summary>
    public string? Sha256 { get; init; }

    /// <summary>Delta's version of the dataset table that holds the rows; null unless committed.</summary>
    public long? TableVersion { get; init; }

    public long? DefinitionVersion { get; init; }

    public int Attempt { get; init; }

    public DateTimeOffset Started { get; init; }

    public DateTimeOffset? Ended { get; init; }

    /// <summary>From start to end; null while in progress.</summary>
    public double? Seconds => Ended is { } ended ? Math.Max(0, (ended - Started).TotalSeconds) : null;

    /// <summary>Where the bytes lie as they came; null unless committed.</summary>
    public string? Raw { get; init; }

    /// <summary>Which part of <see cref="Raw"/> is this batch's; null when all of it is.</summary>
    public ByteRange? RawRange { get; init; }

    /// <summary>Where the broken rows lie; null when there are none.</summary>
    public string? Quarantine { get; init; }

    /// <summary>Which part of <see cref="Quarantine"/> is this batch's; null when all of it is.</summary>
    public ByteRange? QuarantineRange { get; init; }

    public string? ContentType { get; init; }

    public ReceiptError? Error { get; init; }

    /// <summary>How far the batch has come behind its commit; null unless it was asked for.</summary>
    public BatchTrail? Trail { get; init; }

    /// <summary>Addresses of what belongs to it, without scheme and host.</summary>
    public IReadOnlyDictionary<string, string> Links
    {
        get
        {
            var links = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["self"] = $"/api/v1/receipts/{Id}",
                ["dataset"] = $"/api/v1/datasets/{Dataset}",
            };
            if (Parent is not null)
                links["parent"] = $"/api/v1/receipts/{Parent}";
            if (Quarantine is not null)
                links["quarantine"] = $"/api/v1/datasets/{Dataset}/quarantine/{Id}";
            return links;
        }
    }

    /// <summary>The receipt of a batch as its table's log tells it.</summary>
    public static Receipt Of(string dataset, CommittedBatch batch, Commit commit) => new()
    {
        Id = batch.Id,
        Dataset = dataset,
        State = ReceiptState.Committed,
        Service = batch.Service,
        Received = batch.Received,
        Loaded = batch.Loaded,
        Quarantined = batch.Quarantined,
        Open = batch.Quarantined > 0 ? batch.Quarantined : null,
        Replayed = batch.Quarantined > 0 ? 0 : null,
        Dismissed = batch.Quarantined > 0 ? 0 : null,
        Parent = batch.Parent,
        Duplicate = batch.Duplicate,
        Discarded = batch.Discarded,
        Warnings = batch.Warnings,
        Bytes = batch.Bytes,
        Sha256 = batch.Sha256,
        TableVersion = commit.Version,
        DefinitionVersion = batch.DefinitionVersion,
        Attempt = batch.Attempt,
        Started = batch.Started,
        Ended = commit.Timestamp,
        Raw = batch.Raw,
        RawRange = batch.RawRange,
        Quarantine = batch.Quarantine,
        QuarantineRange = batch.QuarantineRange,
        ContentType = batch.ContentType,
    };
}
