using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace DataPlatform.Local.Runtime.Durable;

/// <summary>What a turn came to, to be committed at once.</summary>
/// <param name="Actions">In the order of their numbers.</param>
internal sealed record TurnOutcome(OrchestrationRuntimeStatus Status, IReadOnlyList<OrchestratorAction> Actions)
{
    public string? Output { get; init; }

    public TaskFailureDetails? Failure { get; init; }

    public string? CustomStatus { get; init; }

    /// <summary>Set when the orchestrator ended by ContinueAsNew.</summary>
    public NextExecution? Next { get; init; }

    public bool IsFinished => Status is OrchestrationRuntimeStatus.Completed or OrchestrationRuntimeStatus.Failed;
}
