using DataPlatform.Tables;

namespace DataPlatform.Operations;

/// <summary>The counts of one committed batch.</summary>
/// <param name="Service">Which of the ingestion services took it.</param>
public sealed record LedgerEntry(
    long TableVersion,
    long Received,
    long Loaded,
    long Quarantined,
    long Duplicate,
    long Discarded,
    long Bytes,
    DateTimeOffset Committed,
    string Service = CommittedBatch.DefaultService)
{
    /// <summary>Whether every row received is in exactly one of the other counts.</summary>
    public bool AddsUp() => Received == Loaded + Quarantined + Duplicate + Discarded;

    public static LedgerEntry Of(CommittedBatch batch, Commit commit) => new(
        commit.Version, batch.Received, batch.Loaded, batch.Quarantined, batch.Duplicate, batch.Discarded, batch.Bytes, commit.Timestamp, batch.Service);
}
