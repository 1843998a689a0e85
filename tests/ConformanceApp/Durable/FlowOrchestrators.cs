using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;

namespace DataPlatform.ConformanceApp.Durable;

/// <summary>Chains, fans and payloads.</summary>
public sealed class FlowOrchestrators
{
    [Function("flow_chain")]
    public async Task<string[]> Chain([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        var names = context.GetInput<string[]>() ?? [];
        List<string> said = [];
        foreach (var name in names)
            said.Add(await context.CallActivityAsync<string>("activity_hello", name));
        return [.. said];
    }

    [Function("flow_fan")]
    public Task<int[]> Fan([OrchestrationTrigger] TaskOrchestrationContext context) => Task.WhenAll(
        Enumerable.Range(0, context.GetInput<int>()).Select(number => context.CallActivityAsync<int>("activity_square", new Part(number))));

    /// <summary>The first of two that ends, and then both.</summary>
    [Function("flow_any")]
    public async Task<string> Any([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        var slow = context.CallActivityAsync<string>("activity_waits", context.GetInput<string>());
        var quick = context.CallActivityAsync<string>("activity_hello", "quick");
        var first = await Task.WhenAny(slow, quick);
        context.SetCustomStatus("first is " + (first == quick ? "quick" : "slow"));
        return await slow + " " + await quick;
    }

    [Function("flow_record")]
    public Task<Part> Record([OrchestrationTrigger] TaskOrchestrationContext context) =>
        context.CallActivityAsync<Part>("activity_record", context.GetInput<Part>());

    [Function("flow_nothing")]
    public async Task Nothing([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        await context.CallActivityAsync("activity_nothing");
        await context.CallActivityAsync("activity_nothing", new { A = 1 });
    }

    [Function("flow_echo")]
    public Task<string?> Echo([OrchestrationTrigger] TaskOrchestrationContext context) => Task.FromResult(context.GetInput<string>());

    /// <summary>Activities may give large results too.</summary>
    [Function("flow_large")]
    public async Task<int> Large([OrchestrationTrigger] TaskOrchestrationContext context) =>
        (await context.CallActivityAsync<string>("activity_text", context.GetInput<int>())).Length;

    /// <summary>Ends only when the test opens the gate of its instance id.</summary>
    [Function("flow_gate")]
    public Task<string> Gate([OrchestrationTrigger] TaskOrchestrationContext context) =>
        context.CallActivityAsync<string>("activity_waits", context.InstanceId);

    [Function("flow_version")]
    public Task<string> Version([OrchestrationTrigger] TaskOrchestrationContext context) => Task.FromResult(context.Version);

    [Function("flow_status")]
    public async Task<string> Status([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        context.SetCustomStatus(new { Step = 1, Text = "waiting" });
        await context.WaitForExternalEvent<string>("go");
        context.SetCustomStatus("done");
        return "end";
    }
}
