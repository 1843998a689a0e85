namespace DataPlatform.Operations;

/// <summary>What the orchestration of a run learns from an activity.</summary>
/// <param name="Error">A failure that repeating would not mend; null when all went well.</param>
public sealed record ActivityOutcome(RunFailure? Error);
