namespace DataPlatform.Triggers;

/// <summary>A run for changes whose id is settled.</summary>
/// <param name="Versions">Changed table to the version that the run is to see.</param>
internal sealed record DecidedRun(string Id, IReadOnlyDictionary<string, long> Versions);
