using DataPlatform.Operations;

namespace DataPlatform.Processing;

/// <summary>What the orchestration of a run learns from a step's planning.</summary>
/// <param name="Groups">How many activities to start; 0 when the step is skipped.</param>
public sealed record StepPlanned(int Groups, RunFailure? Error);
