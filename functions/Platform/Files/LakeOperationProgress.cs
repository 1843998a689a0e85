using DataPlatform.Operations;

namespace DataPlatform.Files;

/// <summary>What the orchestration learns from a round of work.</summary>
/// <param name="Error">A failure that repeating would not mend; null when all went well.</param>
/// <param name="More">Whether another round is needed.</param>
public sealed record LakeOperationProgress(RunFailure? Error, bool More);
