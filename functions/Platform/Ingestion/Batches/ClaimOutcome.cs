using DataPlatform.Lake;
using DataPlatform.Operations;

namespace DataPlatform.Ingestion.Batches;

/// <summary>What asking for a claim gave: a claim to work on, the receipt of a batch that is committed already, or the claim of an upload that
/// waits for its orchestration.</summary>
internal sealed record ClaimOutcome(StoredRow<BatchClaim>? Claim, Receipt? Done, BatchClaim? Upload = null);
