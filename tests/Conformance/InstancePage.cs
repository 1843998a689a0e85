namespace DataPlatform.Conformance.Tests;

/// <summary>One page of a query.</summary>
public sealed record InstancePage(List<Instance> Instances, string? Token);
