namespace DataPlatform.Operations;

/// <summary>Some backfills, newest first.</summary>
/// <param name="Next">The id to continue behind; null at the end.</param>
public sealed record BackfillPage(IReadOnlyList<Backfill> Backfills, string? Next);
