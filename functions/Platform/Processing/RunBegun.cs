using DataPlatform.Operations;

namespace DataPlatform.Processing;

/// <summary>What the orchestration of a run learns from its first activity.</summary>
/// <param name="Steps">How many steps to go through; 0 when the run has ended before or cannot begin.</param>
/// <param name="HasEnded">True for a second start of a run that has ended: leave it as it is.</param>
public sealed record RunBegun(int Steps, bool HasEnded, RunFailure? Error);
