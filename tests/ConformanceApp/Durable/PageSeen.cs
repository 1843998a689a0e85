namespace DataPlatform.ConformanceApp.Durable;

/// <summary>One page of a query.</summary>
/// <param name="Token">Where the next one begins; null on the last.</param>
public sealed record PageSeen(IReadOnlyList<InstanceSeen> Instances, string? Token);
