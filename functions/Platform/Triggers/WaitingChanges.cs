namespace DataPlatform.Triggers;

/// <summary>Changes that a run is about to be started for.</summary>
/// <param name="Tables">Table to the version of its newest change.</param>
/// <param name="Since">The oldest change's time.</param>
/// <param name="StartsAt">When the run starts if nothing more comes and no other run is under way.</param>
public sealed record WaitingChanges(IReadOnlyDictionary<string, long> Tables, DateTimeOffset Since, DateTimeOffset StartsAt);
