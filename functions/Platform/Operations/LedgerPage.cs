namespace DataPlatform.Operations;

/// <summary>The ledgers of some datasets, in the order of their names.</summary>
/// <param name="Next">The name to go on after; null at the end.</param>
public sealed record LedgerPage(IReadOnlyList<LedgerReport> Ledgers, string? Next);
