using Microsoft.DurableTask.Client;

namespace DataPlatform.Local.Runtime.Durable;

/// <summary>What others need to know of an instance, without its payloads.</summary>
internal sealed record InstanceHead(string ExecutionId, OrchestrationRuntimeStatus Status, string Owner, long Revision)
{
    public bool IsFinished => Status is OrchestrationRuntimeStatus.Completed or OrchestrationRuntimeStatus.Failed
        or OrchestrationRuntimeStatus.Terminated;
}
