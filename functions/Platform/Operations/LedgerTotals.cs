using DataPlatform.Tables;

namespace DataPlatform.Operations;

/// <summary>Sums of counts over batches.</summary>
public sealed record LedgerTotals(
    long Batches = 0, long Received = 0, long Loaded = 0, long Quarantined = 0, long Duplicate = 0, long Discarded = 0, long Bytes = 0)
{
    /// <summary>Whether every row received is in exactly one of the other counts.</summary>
    public bool AddsUp() => Received == Loaded + Quarantined + Duplicate + Discarded;

    public LedgerTotals Plus(LedgerEntry entry) => new(
        Batches + 1, Received + entry.Received, Loaded + entry.Loaded, Quarantined + entry.Quarantined, Duplicate + entry.Duplicate,
        Discarded + entry.Discarded, Bytes + entry.Bytes);

    public LedgerTotals Plus(CommittedBatch batch) => new(
        Batches + 1, Received + batch.Received, Loaded + batch.Loaded, Quarantined + batch.Quarantined, Duplicate + batch.Duplicate,
        Discarded + batch.Discarded, Bytes + batch.Bytes);

    public LedgerTotals Plus(LedgerTotals other) => new(
        Batches + other.Batches, Received + other.Received, Loaded + other.Loaded, Quarantined + other.Quarantined,
        Duplicate + other.Duplicate, Discarded + other.Discarded, Bytes + other.Bytes);
}
