namespace DataPlatform.Operations;

/// <summary>Where every row of a dataset went.</summary>
/// <param name="Balanced">Whether the ledger's rows add up, equal what the table's log says, and the files that were added hold as many
/// rows as were loaded.</param>
/// <param name="TableVersion">The newest version of the table; null when there is none yet.</param>
/// <param name="ProjectedVersion">The ledger has the batches up to here; the rest follows within half a minute.</param>
/// <param name="Differences">What does not balance, in words.</param>
public sealed record DatasetLedger(
    string Dataset,
    bool Balanced,
    LedgerTotals Totals,
    LedgerTotals Log,
    long? TableVersion,
    long? ProjectedVersion,
    IReadOnlyList<string> Differences);
