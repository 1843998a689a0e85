using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;

namespace DataPlatform.ConformanceApp.Durable;

/// <summary>Orchestrations within orchestrations.</summary>
public sealed class ChildOrchestrators
{
    /// <summary>Its input is the id for the named child.</summary>
    [Function("child_parent")]
    public async Task<string[]> Parent([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        var named = context.CallSubOrchestratorAsync<string>("child_tells", "named", new SubOrchestrationOptions(instanceId: context.GetInput<string>()));
        var unnamed = context.CallSubOrchestratorAsync<string>("child_tells", "unnamed");
        return await Task.WhenAll(named, unnamed);
    }

    [Function("child_tells")]
    public async Task<string> Tells([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        var said = await context.CallActivityAsync<string>("activity_hello", context.GetInput<string>());
        return $"{said} {context.InstanceId} of {context.Parent?.InstanceId}";
    }

    /// <summary>Waits for a child that waits for an event; the input is the child's id.</summary>
    [Function("child_waits")]
    public Task<string> Waits([OrchestrationTrigger] TaskOrchestrationContext context) =>
        context.CallSubOrchestratorAsync<string>("event_wait", "go", new SubOrchestrationOptions(instanceId: context.GetInput<string>()));
}
