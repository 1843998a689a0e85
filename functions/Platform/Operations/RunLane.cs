namespace DataPlatform.Operations;

/// <summary>Which run of a pipeline or mart was let through last. While that one has not ended, the others wait.</summary>
internal sealed record RunLane(string Run);
