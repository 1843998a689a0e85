namespace DataPlatform.Ingestion.Quarantine;

/// <summary>A page of causes, those of most rows first.</summary>
/// <param name="Next">Where the next page starts; null on the last one.</param>
public sealed record CausePage(IReadOnlyList<QuarantineCause> Causes, string? Next);
