namespace DataPlatform.Serving.Inspection;

/// <summary>A part of a table's history, newest first.</summary>
/// <param name="Next">The version that the next page lies before; null at the end of what the log still has.</param>
public sealed record CommitPage(IReadOnlyList<CommitDescription> Commits, long? Next);
