using DataPlatform.Lake;
using DataPlatform.Operations;

namespace DataPlatform.Ingestion.Batches;

/// <summary>What asking for a claim gave: a claim to work on, or the receipt of a batch that is committed already.</summary>
internal sealed record ClaimOutcome(StoredRow<BatchClaim>? Claim, Receipt? Done);
