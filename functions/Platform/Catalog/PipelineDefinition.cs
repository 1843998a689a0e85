namespace DataPlatform.Catalog;

/// <summary>A DAG of SQL steps.</summary>
public sealed record PipelineDefinition
{
    /// <summary><c>[a-z][a-z0-9_-]{0,62}</c>.</summary>
    public required string Name { get; init; }

    public string? Description { get; init; }

    /// <summary>Values that each run is given.</summary>
    public IReadOnlyList<ParameterDefinition> Parameters { get; init; } = [];

    public required IReadOnlyList<StepDefinition> Steps { get; init; }

    public RunConcurrency Concurrency { get; init; }

    /// <summary>Of all steps that have none of their own.</summary>
    public RetryDefinition? Retry { get; init; }

    /// <summary>Of all steps that have none of their own; null sets no limit.</summary>
    public TimeSpan? Timeout { get; init; }

    public IReadOnlyList<TriggerDefinition> Triggers { get; init; } = [];
}
