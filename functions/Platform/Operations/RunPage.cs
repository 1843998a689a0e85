namespace DataPlatform.Operations;

/// <summary>Some runs, newest first.</summary>
/// <param name="Next">The id to continue behind; null at the end.</param>
public sealed record RunPage(IReadOnlyList<Run> Runs, string? Next);
