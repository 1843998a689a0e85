namespace DataPlatform.Operations;

/// <summary>Sums of counts over batches.</summary>
/// <param name="Replayed">Of the quarantined rows, those that came in again with other batches, which count them as received once more.</param>
/// <param name="Dismissed">Of the quarantined rows, those that were given up.</param>
public sealed record LedgerTotals(
    long Batches = 0,
    long Received = 0,
    long Loaded = 0,
    long Quarantined = 0,
    long Duplicate = 0,
    long Discarded = 0,
    long Bytes = 0,
    long Replayed = 0,
    long Dismissed = 0)
{
    /// <summary>Of the quarantined rows, those that are still there.</summary>
    public long Open => Quarantined - Replayed - Dismissed;

    /// <summary>Whether every row received is in exactly one of the other counts.</summary>
    public bool AddsUp() => Received == Loaded + Quarantined + Duplicate + Discarded && Open >= 0;

    public LedgerTotals Plus(LedgerEntry entry) => this with
    {
        Batches = Batches + 1,
        Received = Received + entry.Received,
        Loaded = Loaded + entry.Loaded,
        Quarantined = Quarantined + entry.Quarantined,
        Duplicate = Duplicate + entry.Duplicate,
        Discarded = Discarded + entry.Discarded,
        Bytes = Bytes + entry.Bytes,
    };

    public LedgerTotals Plus(TakenFromQuarantine taken) => this with { Replayed = Replayed + taken.Replayed, Dismissed = Dismissed + taken.Dismissed };
}
