namespace DataPlatform.Operations;

/// <summary>Something that happened in a run.</summary>
/// <param name="Message">For people; without row data.</param>
/// <param name="Step">Of which step; null when it concerns the run.</param>
public sealed record RunLogEntry(DateTimeOffset Time, RunEvent Event, string Message, string? Step = null);
