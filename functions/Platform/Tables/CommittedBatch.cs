using DataPlatform.Lake;

namespace DataPlatform.Tables;

/// <summary>What <c>commitInfo.batch</c> keeps of a batch. Receipts and ledger rows are rebuilt from it, so it is complete.</summary>
/// <param name="Id">The batch's id, also its receipt's.</param>
/// <param name="Attempt">Which try of the batch wrote this, from 1.</param>
/// <param name="DefinitionVersion">Of the dataset's contract.</param>
/// <param name="Sha256">Lowercase hex, of the body as it came.</param>
/// <param name="Bytes">Of the body as it came.</param>
/// <param name="Raw">Where the raw bytes lie; null when the contract keeps none.</param>
/// <param name="Quarantine">Where the broken rows lie; null when there are none.</param>
/// <param name="Warnings">Rows loaded that broke checks which only warn, by check; null when there are none.</param>
/// <param name="Service">Which of the ingestion services took it: <c>batch</c>, <c>realtime</c>, or <c>replay</c> for rows out of quarantine.</param>
/// <param name="RawRange">Which part of the raw object is this batch's; null when all of it is.</param>
/// <param name="QuarantineRange">Which part of the quarantine file is this batch's; null when all of it is.</param>
/// <param name="Parent">The batch out of whose quarantine the rows come; null when they come from outside.</param>
/// <param name="ParentRows">Which of the parent's rows they are; null without a parent.</param>
/// <param name="Stream">What it was in its stream; null for what came otherwise.</param>
/// <param name="Started">When the batch was claimed, UTC.</param>
public sealed record CommittedBatch(
    string Id,
    int Attempt,
    string Caller,
    string? IdempotencyKey,
    long DefinitionVersion,
    long Received,
    long Loaded,
    long Quarantined,
    long Duplicate,
    long Discarded,
    long Bytes,
    string Sha256,
    string? Raw,
    string? Quarantine,
    string? ContentType,
    DateTimeOffset Started,
    IReadOnlyDictionary<string, long>? Warnings = null,
    string Service = CommittedBatch.DefaultService,
    ByteRange? RawRange = null,
    ByteRange? QuarantineRange = null,
    string? Parent = null,
    ParentRows? ParentRows = null,
    CommittedEvents? Stream = null)
{
    /// <summary>Of logs that do not say which.</summary>
    public const string DefaultService = "batch";
}
