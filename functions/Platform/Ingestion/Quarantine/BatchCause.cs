namespace DataPlatform.Ingestion.Quarantine;

/// <summary>A cause within one batch.</summary>
/// <param name="Open">Rows that it keeps in quarantine; a row may have several causes.</param>
/// <param name="Values">The first that were met; short ones only.</param>
public sealed record BatchCause(
    string Id, string Rule, string? Column, string Message, long Open, IReadOnlyList<CauseExample> Examples, IReadOnlyList<CauseValue> Values);
