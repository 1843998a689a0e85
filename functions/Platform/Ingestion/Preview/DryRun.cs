namespace DataPlatform.Ingestion.Preview;

/// <summary>What a proposed contract would change for batches that are stored, against the contracts they were loaded under.</summary>
/// <param name="NewlyLoaded">Rows that did not load and would.</param>
/// <param name="NewlyBroken">Rows that loaded and would not.</param>
/// <param name="Rules">Why, the rules that touch most rows first.</param>
/// <param name="Batches">Those that were replayed, newest first.</param>
/// <param name="NotReplayed">Those that cannot be.</param>
public sealed record DryRun(
    string Dataset,
    long NewlyLoaded,
    long NewlyBroken,
    IReadOnlyList<DryRunRule> Rules,
    IReadOnlyList<DryRunBatch> Batches,
    IReadOnlyList<SkippedBatch> NotReplayed);
