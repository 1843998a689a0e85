using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace DataPlatform.Local.Runtime.Durable;

/// <summary>The present state of an instance.</summary>
internal sealed record InstanceRow
{
    public required string Id { get; init; }

    /// <summary>A new one at each start and ContinueAsNew: results meant for an earlier execution are dropped by it.</summary>
    public required string ExecutionId { get; init; }

    public required string Name { get; init; }

    public string? Version { get; init; }

    public OrchestrationRuntimeStatus Status { get; init; } = OrchestrationRuntimeStatus.Pending;

    public string? Input { get; init; }

    public string? Output { get; init; }

    public string? CustomStatus { get; init; }

    public TaskFailureDetails? Failure { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    public ParentLink? Parent { get; init; }

    public IReadOnlyDictionary<string, string>? Tags { get; init; }

    /// <summary>The process that takes its turns; empty for none.</summary>
    public string Owner { get; init; } = string.Empty;

    public Trouble? Trouble { get; init; }

    /// <summary>Counts changes: a turn commits only if nothing changed since it was read.</summary>
    public long Revision { get; init; }

    public bool IsFinished => Status is OrchestrationRuntimeStatus.Completed or OrchestrationRuntimeStatus.Failed
        or OrchestrationRuntimeStatus.Terminated;
}
