using DataPlatform.Operations;

namespace DataPlatform.Processing;

/// <summary>What the orchestration of a run learns from its first activity.</summary>
/// <param name="Steps">How many steps to go through; 0 when the run does not begin.</param>
/// <param name="NothingToDo">True for a start of a run that has ended, or has to wait for others: leave it as it is.</param>
public sealed record RunBegun(int Steps, bool NothingToDo, RunFailure? Error);
