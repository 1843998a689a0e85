namespace DataPlatform.Ingestion.Batches;

/// <summary>Which batch an idempotency key stands for.</summary>
/// <param name="TableVersion">The table's version before the batch's first attempt; -1 when there was no table.</param>
internal sealed record ClaimKey(string BatchId, DateTimeOffset Started, long TableVersion);
