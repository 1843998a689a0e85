using DataPlatform.Operations;

namespace DataPlatform.Aggregation;

/// <summary>What the orchestration of a refresh learns from its first activity.</summary>
/// <param name="Plan">Null when there is nothing to compute: the run has ended before or cannot begin.</param>
/// <param name="HasEnded">True for a second start of a run that has ended: leave it as it is.</param>
public sealed record RefreshBegun(RefreshPlan? Plan, bool HasEnded, RunFailure? Error);
