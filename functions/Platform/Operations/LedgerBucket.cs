namespace DataPlatform.Operations;

/// <summary>What became of the rows of the batches that started in one hour or day.</summary>
/// <param name="To">Exclusive.</param>
/// <param name="Rejected">Requests refused as a whole; their rows are in no count.</param>
/// <param name="Services">Batches by the service that took them.</param>
/// <param name="Receipts">Where the batches are listed, without scheme and host.</param>
public sealed record LedgerBucket(
    DateTimeOffset From, DateTimeOffset To, LedgerTotals Totals, long Rejected, IReadOnlyDictionary<string, long> Services, string Receipts);
