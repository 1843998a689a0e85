using DataPlatform.Operations;

namespace DataPlatform.Processing;

/// <summary>What the orchestration of a run learns from a step's planning.</summary>
/// <param name="Groups">How many activities to start; 0 when the step is skipped.</param>
/// <param name="Splits">How many activities divide the input by keys before those.</param>
/// <param name="Window">How many activities may be under way at one time.</param>
/// <param name="GroupsPerOrchestration">From so many activities on, they are spread over sub-orchestrations of so many.</param>
/// <param name="Done">Whether the step was done by the same activity.</param>
public sealed record StepPlanned(int Groups, RunFailure? Error, int Splits = 0, int Window = 64, int GroupsPerOrchestration = 100, bool Done = false);
