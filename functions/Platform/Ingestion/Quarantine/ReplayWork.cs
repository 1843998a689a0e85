using DataPlatform.Tables;

namespace DataPlatform.Ingestion.Quarantine;

/// <summary>What a replay works with at one batch.</summary>
/// <param name="Snapshot">The table now.</param>
internal sealed record ReplayWork(QuarantinedBatch Batch, ReplayPlan Plan, ReplayFile File, OpenRows Open, QuarantineSelection Selection, Snapshot Snapshot);
