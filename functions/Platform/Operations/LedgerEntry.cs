using DataPlatform.Tables;

namespace DataPlatform.Operations;

/// <summary>The counts of one committed batch.</summary>
public sealed record LedgerEntry(
    long TableVersion, long Received, long Loaded, long Quarantined, long Duplicate, long Discarded, long Bytes, DateTimeOffset Committed)
{
    internal static LedgerEntry Of(CommittedBatch batch, Commit commit) => new(
        commit.Version, batch.Received, batch.Loaded, batch.Quarantined, batch.Duplicate, batch.Discarded, batch.Bytes, commit.Timestamp);
}
