using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;

namespace DataPlatform.ConformanceApp.Durable;

/// <summary>External events.</summary>
public sealed class EventOrchestrators
{
    /// <summary>Waits for the event that its input names.</summary>
    [Function("event_wait")]
    public Task<string> Wait([OrchestrationTrigger] TaskOrchestrationContext context) =>
        context.WaitForExternalEvent<string>(context.GetInput<string>()!);

    /// <summary>Begins to wait only after "first" came: "second" may come before.</summary>
    [Function("event_later")]
    public async Task<string> Later([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        var first = await context.WaitForExternalEvent<string>("first");
        var second = await context.WaitForExternalEvent<string>("second");
        var third = await context.WaitForExternalEvent<string>("second");
        return $"{first} {second} {third}";
    }

    /// <summary>Two waiters of one name.</summary>
    [Function("event_two_waiters")]
    public async Task<string[]> TwoWaiters([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        var older = context.WaitForExternalEvent<string>("item");
        var newer = context.WaitForExternalEvent<string>("item");
        context.SetCustomStatus("waiting");
        return await Task.WhenAll(older, newer);
    }

    [Function("event_timeout")]
    public async Task<string> Timeout([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        try
        {
            return await context.WaitForExternalEvent<string>("go", TimeSpan.FromSeconds(context.GetInput<double>()));
        }
        catch (TaskCanceledException)
        {
            return "timed out";
        }
    }

    /// <summary>Each execution takes one item; the rest must come over. Ends after the third.</summary>
    [Function("event_carried")]
    public async Task<string> Carried([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        var sofar = context.GetInput<string>() ?? "";
        if (sofar.Length == 0)
            await context.WaitForExternalEvent<string>("begin");
        sofar += await context.WaitForExternalEvent<string>("item");
        if (sofar.Length < 3)
            context.ContinueAsNew(sofar);
        return sofar;
    }

    /// <summary>As above, but the events that nobody took are dropped.</summary>
    [Function("event_dropped")]
    public async Task<string> Dropped([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        if (context.GetInput<string>() == "again")
        {
            context.SetCustomStatus("again");
            return await context.WaitForExternalEvent<string>("item");
        }

        await context.WaitForExternalEvent<string>("begin");
        context.ContinueAsNew("again", preserveUnprocessedEvents: false);
        return "dropped";
    }

    /// <summary>Sends an event to the instance its input names.</summary>
    [Function("event_send")]
    public Task<string> Send([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        context.SendEvent(context.GetInput<string>()!, "go", "from an orchestrator");
        return Task.FromResult("sent");
    }

    [Function("event_number")]
    public async Task<int> Number([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        var part = await context.WaitForExternalEvent<Part>("part");
        return part.Number;
    }
}
