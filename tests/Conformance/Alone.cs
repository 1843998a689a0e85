namespace DataPlatform.Conformance.Tests;

/// <summary>Tests that others would disturb, or that would disturb others: they run one by one, with nothing beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}
