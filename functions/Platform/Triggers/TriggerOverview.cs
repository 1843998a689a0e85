namespace DataPlatform.Triggers;

/// <summary>How the triggers of a pipeline or mart stand.</summary>
/// <param name="NextRuns">The next due times of all schedules together.</param>
/// <param name="Changes">Changes that a run is about to be started for; null when there are none.</param>
/// <param name="LastRun">The newest, whatever started it.</param>
public sealed record TriggerOverview(
    IReadOnlyList<DateTimeOffset> NextRuns, IReadOnlyList<TriggerView> Triggers, WaitingChanges? Changes, LastRun? LastRun);
