namespace Microsoft.DurableTask.Client;

/// <param name="CreatedFrom">Inclusive.</param>
/// <param name="CreatedTo">Inclusive.</param>
/// <param name="Statuses">Every status of a finished instance when null.</param>
public record PurgeInstancesFilter(
    DateTimeOffset? CreatedFrom = null,
    DateTimeOffset? CreatedTo = null,
    IEnumerable<OrchestrationRuntimeStatus>? Statuses = null)
{
    /// <summary>After this time a purge stops with what it has done so far.</summary>
    public TimeSpan? Timeout { get; init; }
}
