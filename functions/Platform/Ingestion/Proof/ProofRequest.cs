using DataPlatform.Operations;

namespace DataPlatform.Ingestion.Proof;

/// <summary>What of a ledger shall be proved.</summary>
/// <param name="Range">When the batches started.</param>
/// <param name="After">A table version: only batches of later ones, for a proof that goes on with what an earlier one came to.</param>
/// <param name="IsDeep">Also counts the rows of each batch in its files and hashes the raw objects.</param>
public sealed record ProofRequest(string Dataset, LedgerRange Range, long After = -1, bool IsDeep = false);
