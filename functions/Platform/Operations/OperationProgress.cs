namespace DataPlatform.Operations;

/// <summary>What the orchestration of an operation learns from a round of work.</summary>
/// <param name="Error">A failure that repeating would not mend; null when all went well.</param>
/// <param name="More">Whether another round is needed.</param>
public sealed record OperationProgress(RunFailure? Error, bool More);
