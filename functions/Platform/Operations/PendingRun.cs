namespace DataPlatform.Operations;

/// <summary>A run that was asked for and whose orchestration may not have been scheduled.</summary>
public sealed record PendingRun(string Id, RunKind Kind, DateTimeOffset Created);
