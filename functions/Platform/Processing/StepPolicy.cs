using DataPlatform.Catalog;

namespace DataPlatform.Processing;

/// <summary>What the orchestration of a run needs to know of a step.</summary>
/// <param name="Timeout">How long the run may work on it; null for no limit.</param>
public sealed record StepPolicy(string Step, RetryDefinition Retry, TimeSpan? Timeout)
{
    /// <summary>Whether it is staged before the run's turn to commit.</summary>
    public bool Ahead { get; init; }
}
