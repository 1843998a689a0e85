namespace DataPlatform.Ingestion;

/// <summary>Tests that look at the process's heap run alone.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class MemoryCollection
{
    public const string Name = "memory";
}
