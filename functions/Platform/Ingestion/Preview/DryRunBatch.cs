namespace DataPlatform.Ingestion.Preview;

/// <summary>A stored batch under its contract and the proposed one.</summary>
/// <param name="DefinitionVersion">Of the contract it was loaded under.</param>
/// <param name="Comparable">False when the contracts see different rows in the same bytes, as another CSV dialect does: then only the counts tell.</param>
public sealed record DryRunBatch(
    string Id, DateTimeOffset Started, long DefinitionVersion, PreviewCounts Before, PreviewCounts After, long NewlyLoaded, long NewlyBroken, bool Comparable);
