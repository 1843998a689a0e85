using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;

namespace DataPlatform.ConformanceApp.Durable;

/// <summary>Timers and new executions.</summary>
public sealed class TimeOrchestrators
{
    /// <returns>The orchestrator's clock before and after, and its kind.</returns>
    [Function("time_timer")]
    public async Task<object> Timer([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        var before = context.CurrentUtcDateTime;
        await context.CreateTimer(TimeSpan.FromSeconds(context.GetInput<double>()), CancellationToken.None);
        return new { Before = before, After = context.CurrentUtcDateTime, Kind = before.Kind.ToString() };
    }

    [Function("time_past")]
    public async Task<string> Past([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        await context.CreateTimer(context.CurrentUtcDateTime.AddMinutes(-1), CancellationToken.None);
        return "at once";
    }

    /// <summary>A timer of an hour that is cancelled does not hold the end up.</summary>
    [Function("time_canceled")]
    public async Task<string> Canceled([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        using var stop = new CancellationTokenSource();
        var timer = context.CreateTimer(TimeSpan.FromHours(1), stop.Token);
        var work = context.CallActivityAsync<string>("activity_hello", "work");
        var first = await Task.WhenAny(timer, work);
        stop.Cancel(); // On this thread: the other one would leave the orchestrator.
        return first == work ? "work first" : "timer first";
    }

    [Function("time_continue")]
    public async Task<string> Continue([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        var round = context.GetInput<int>();
        context.SetCustomStatus($"round {round}");
        await context.CallActivityAsync<string>("activity_note", context.InstanceId);
        if (round < 4)
            context.ContinueAsNew(round + 1);
        return $"ended in round {round}";
    }

    /// <summary>Counts one number a turn until it is told to stop.</summary>
    [Function("time_count")]
    public async Task<int> Count([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        var count = 0;
        while (true)
        {
            context.SetCustomStatus(count);
            var text = await context.WaitForExternalEvent<string>("more");
            if (text == "stop")
                return count;
            count++;
        }
    }
}
