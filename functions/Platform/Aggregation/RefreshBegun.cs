using DataPlatform.Operations;

namespace DataPlatform.Aggregation;

/// <summary>What the orchestration of a refresh learns from its first activity.</summary>
/// <param name="Plan">Null when there is nothing to compute: the run does not begin.</param>
/// <param name="NothingToDo">True for a start of a run that has ended, or has to wait for others: leave it as it is.</param>
public sealed record RefreshBegun(RefreshPlan? Plan, bool NothingToDo, RunFailure? Error);
