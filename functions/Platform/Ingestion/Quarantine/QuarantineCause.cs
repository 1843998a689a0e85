namespace DataPlatform.Ingestion.Quarantine;

/// <summary>Why rows of a dataset are in quarantine.</summary>
/// <param name="Id">Follows from rule, column and message.</param>
/// <param name="Rule">In snake_case; <c>other</c> for causes that a batch does not keep apart.</param>
/// <param name="Column">The input's name; null when rows as a whole are broken.</param>
/// <param name="Open">Rows that it keeps in quarantine; a row may have several causes.</param>
/// <param name="Batches">How many batches they are of.</param>
/// <param name="FirstSeen">When the first of these batches started.</param>
/// <param name="LastSeen">When the last one did.</param>
public sealed record QuarantineCause(
    string Id, string Rule, string? Column, string Message, long Open, long Batches, DateTimeOffset FirstSeen, DateTimeOffset LastSeen,
    IReadOnlyList<CauseExample> Examples, CauseFix Fix);
