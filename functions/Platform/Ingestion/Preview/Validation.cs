namespace DataPlatform.Ingestion.Preview;

/// <summary>What would happen to a body.</summary>
/// <param name="DefinitionVersion">Of the contract it was read under; null for a proposed one.</param>
/// <param name="Warnings">Rows that would load although they break a check that only warns, by check; null when there are none.</param>
/// <param name="Causes">Why rows would go to quarantine, the most frequent first.</param>
/// <param name="Rows">The first rows that would load, as they would.</param>
/// <param name="Errors">The first errors.</param>
/// <param name="MoreErrors">Errors that are not listed.</param>
public sealed record Validation(
    string Dataset,
    long? DefinitionVersion,
    PreviewCounts Counts,
    IReadOnlyDictionary<string, long>? Warnings,
    IReadOnlyList<PreviewCause> Causes,
    IReadOnlyList<LoadedRow> Rows,
    IReadOnlyList<PreviewError> Errors,
    long MoreErrors);
