using DataPlatform.Operations;

namespace DataPlatform.Ingestion.Proof;

/// <summary>What a proof found.</summary>
/// <param name="Proven">All checks passed over all that was asked for.</param>
/// <param name="Complete">False when the time was up: <paramref name="UpToVersion"/> says how far it came, and <c>?after=</c> goes on from there.</param>
/// <param name="Deep">Whether rows were counted in the files and raw objects hashed.</param>
/// <param name="Totals">As the ledger has them.</param>
/// <param name="UpToVersion">The last table version that was looked at; null when there is no table.</param>
/// <param name="NotProvable">What is older than the log; null when nothing is.</param>
public sealed record LedgerProof(
    string Dataset,
    DateTimeOffset? From,
    DateTimeOffset? To,
    bool Deep,
    bool Proven,
    bool Complete,
    LedgerTotals Totals,
    long? UpToVersion,
    IReadOnlyList<ProofCheck> Checks,
    NotProvable? NotProvable);
