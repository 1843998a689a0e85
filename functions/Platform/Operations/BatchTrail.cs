namespace DataPlatform.Operations;

/// <summary>How far a batch has come.</summary>
/// <param name="Stage">The furthest place: <c>in_progress</c>, <c>abandoned</c>, <c>rejected</c>, <c>committed</c>, <c>table:{name}</c> or
/// <c>mart:{name}</c>.</param>
/// <param name="Tables">The tables on its way, each behind those it is computed from; the dataset's own is the first. Empty unless the batch is
/// committed.</param>
/// <param name="Target">What was waited for, as it was asked; null when nothing was.</param>
/// <param name="Reached">Whether the batch is there.</param>
public sealed record BatchTrail(string Stage, IReadOnlyList<TrailStage> Tables, string? Target = null, bool? Reached = null);
