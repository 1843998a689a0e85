namespace DataPlatform.Operations;

/// <summary>How many of a batch's quarantined rows are not in quarantine any more, as the ledger counts them.</summary>
/// <param name="Replayed">Came in again with other batches, which count them as received once more.</param>
/// <param name="Dismissed">Were given up.</param>
public sealed record TakenFromQuarantine(long Replayed, long Dismissed)
{
    internal long Count => Replayed + Dismissed;
}
