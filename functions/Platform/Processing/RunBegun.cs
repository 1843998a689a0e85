using DataPlatform.Operations;

namespace DataPlatform.Processing;

/// <summary>What the orchestration of a run learns from its first activity.</summary>
/// <param name="Steps">How many steps to go through; 0 when the run does not begin.</param>
/// <param name="NothingToDo">True for a start of a run that has ended, or has to wait for others: leave it as it is.</param>
/// <param name="Course">See <see cref="RunPlan.Course"/>.</param>
/// <param name="Policies">Of the steps; null in histories of course 1.</param>
/// <param name="Done">How many steps the same activity did.</param>
public sealed record RunBegun(int Steps, bool NothingToDo, RunFailure? Error, int Course = 1, IReadOnlyList<StepPolicy>? Policies = null, int Done = 0);
