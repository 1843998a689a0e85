namespace DataPlatform.Ingestion.Proof;

/// <summary>How one of a proof's checks turned out.</summary>
/// <param name="Figures">What was counted, on both sides.</param>
/// <param name="Differences">The first hundred.</param>
/// <param name="MoreDifferences">How many there are besides.</param>
public sealed record ProofCheck(
    string Name, bool Passed, IReadOnlyDictionary<string, long> Figures, IReadOnlyList<ProofDifference> Differences, long MoreDifferences);
