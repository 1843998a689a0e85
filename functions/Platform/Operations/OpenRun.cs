namespace DataPlatform.Operations;

/// <summary>The mark of a run that was asked for and is not settled: it waits, is under way, or has ended and what follows from its end has
/// not been seen to.</summary>
public sealed record OpenRun(string Id, RunKind Kind, DateTimeOffset Created);
