namespace DataPlatform.Operations;

/// <summary>Where the rows of a dataset went.</summary>
/// <param name="From">The batches that started from then on; null for all.</param>
/// <param name="To">Exclusive.</param>
/// <param name="Balanced">Whether every row received is in exactly one of the other counts.</param>
/// <param name="Rejected">Requests refused as a whole; their rows are in no count.</param>
/// <param name="Services">Batches by the service that took them.</param>
/// <param name="TableVersion">The newest version of the table; null when there is none yet.</param>
/// <param name="ProjectedVersion">The ledger has the batches up to here; the rest follows within half a minute.</param>
/// <param name="Buckets">Those with a batch or a rejected request, oldest first; null when it is not divided.</param>
public sealed record LedgerReport(
    string Dataset,
    DateTimeOffset? From,
    DateTimeOffset? To,
    LedgerPeriod By,
    bool Balanced,
    LedgerTotals Totals,
    long Rejected,
    IReadOnlyDictionary<string, long> Services,
    long? TableVersion,
    long? ProjectedVersion,
    IReadOnlyList<LedgerBucket>? Buckets);
