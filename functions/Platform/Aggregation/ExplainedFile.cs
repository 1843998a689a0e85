namespace DataPlatform.Aggregation;

/// <summary>A file of the source with rows of an explained group.</summary>
/// <param name="Path">In the source's table.</param>
/// <param name="Rows">Of the group.</param>
/// <param name="Version">The table version whose commit added it; null when the log no longer tells.</param>
/// <param name="Operation">Delta's name of what that commit did.</param>
/// <param name="Inputs">The table versions that the commit was computed from; null for rows that were ingested.</param>
public sealed record ExplainedFile(string Path, long Rows, long? Version, DateTimeOffset? Committed, string? Operation, IReadOnlyDictionary<string, long>? Inputs);
