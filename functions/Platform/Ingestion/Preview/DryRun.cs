namespace DataPlatform.Ingestion.Preview;

/// <summary>What a proposed contract would change for batches that are stored, against the contracts they were loaded under.</summary>
/// <param name="NewlyLoaded">Rows that did not load and would.</param>
/// <param name="NewlyBroken">Rows that loaded and would not.</param>
/// <param name="Changed">Rows that loaded and would load with other values.</param>
/// <param name="Rules">Why, the rules that touch most rows first.</param>
/// <param name="Fields">Whose values would change, those of most rows first.</param>
/// <param name="Batches">Those that were replayed, newest first.</param>
/// <param name="NotReplayed">Those that cannot be.</param>
public sealed record DryRun(
    string Dataset,
    long NewlyLoaded,
    long NewlyBroken,
    long Changed,
    IReadOnlyList<DryRunRule> Rules,
    IReadOnlyList<DryRunField> Fields,
    IReadOnlyList<DryRunBatch> Batches,
    IReadOnlyList<SkippedBatch> NotReplayed);
