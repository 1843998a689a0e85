namespace DataPlatform.Ingestion.Quarantine;

/// <summary>What a replay did at one batch, or would do; a dry run does not look for keys in the table.</summary>
/// <param name="Parent">The batch whose rows were checked again.</param>
/// <param name="Batch">The batch that has those that passed; null when none did, and in a dry run.</param>
/// <param name="Loaded">Of those that passed, rows that are in the table now.</param>
/// <param name="Duplicate">Of those that passed, rows whose key is there already.</param>
/// <param name="Discarded">Of those that passed, rows that the contract leaves out.</param>
/// <param name="TableVersion">Of the commit.</param>
public sealed record ReplayedBatch(
    string Parent, string? Batch, long Loaded, long Duplicate, long Discarded, long? TableVersion, ReplayCounts Counts);
