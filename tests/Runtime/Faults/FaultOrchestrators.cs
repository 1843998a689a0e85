using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;

namespace DataPlatform.Local.Runtime.Tests.Faults;

/// <summary>Every result is the sum of its effects, so a lost or doubled one shows.</summary>
public sealed class FaultOrchestrators(Turn turn)
{
    public const string Everything = "FaultEverything";
    public const string Fan = "FaultFan";
    public const string Family = "FaultFamily";
    public const string Tick = "tick";
    public const string Finish = "finish";
    public const int Ticks = 3;
    public const int TickWorth = 1_000_000;

    /// <summary>How many effects <see cref="EverythingAsync"/> has, those of its children included.</summary>
    public const int EffectsOfEverything = 4 + 1 + 2 * 2 + Ticks + 1;

    /// <summary>Activities, retries, timers, children, events and a last event, over four executions.</summary>
    [Function(Everything)]
    public async Task<long> EverythingAsync([OrchestrationTrigger] TaskOrchestrationContext context, FaultState state)
    {
        turn.Begin(context.InstanceId);
        string id = context.InstanceId;
        switch (state.Generation)
        {
            case 0:
                Task<long> flaky = context.CallActivityAsync<long>(
                    FaultActivities.Flaky, $"{id}/flaky", TaskOptions.FromRetryPolicy(new RetryPolicy(5, TimeSpan.FromMilliseconds(20))));
                return Next(context, state, await EffectsAsync(context, $"{id}/fan", 4) + await flaky);
            case 1:
                Task timer = context.CreateTimer(TimeSpan.FromMilliseconds(state.Number % 10 * 20), CancellationToken.None);
                long[] children = await Task.WhenAll(Enumerable.Range(0, 2).Select(i =>
                    context.CallSubOrchestratorAsync<long>(nameof(Child), $"{id}/child{i}")));
                await timer;
                return Next(context, state, children.Sum());
            case 2:
                return Next(context, state, await TicksAsync(context, id));
            default:
                await context.WaitForExternalEvent<int>(Finish);
                return state.Sum + await EffectsAsync(context, $"{id}/last", 1);
        }
    }

    [Function(nameof(Child))]
    public async Task<long> Child([OrchestrationTrigger] TaskOrchestrationContext context, string key)
    {
        turn.Begin(context.InstanceId);
        long first = await EffectsAsync(context, $"{key}/first", 1);
        await context.CreateTimer(TimeSpan.FromMilliseconds(30), CancellationToken.None);
        return first + await EffectsAsync(context, $"{key}/second", 1);
    }

    /// <summary>As many slow activities at once as its number says.</summary>
    [Function(Fan)]
    public async Task<long> FanAsync([OrchestrationTrigger] TaskOrchestrationContext context, FaultState state)
    {
        turn.Begin(context.InstanceId);
        long[] values = await Task.WhenAll(Enumerable.Range(0, state.Number).Select(i =>
            context.CallActivityAsync<long>(FaultActivities.Slow, $"{context.InstanceId}/{i}")));
        return values.Sum();
    }

    /// <summary>As many children at once as its number says.</summary>
    [Function(Family)]
    public async Task<long> FamilyAsync([OrchestrationTrigger] TaskOrchestrationContext context, FaultState state)
    {
        turn.Begin(context.InstanceId);
        long[] values = await Task.WhenAll(Enumerable.Range(0, state.Number).Select(i =>
            context.CallSubOrchestratorAsync<long>(nameof(Child), $"{context.InstanceId}/child{i}")));
        return values.Sum();
    }

    private static long Next(TaskOrchestrationContext context, FaultState state, long more)
    {
        context.ContinueAsNew(state with { Generation = state.Generation + 1, Sum = state.Sum + more });
        return 0;
    }

    /// <summary>Waits for each tick; one that a driver had to send again, without an answer to the first, counts once.</summary>
    private static async Task<long> TicksAsync(TaskOrchestrationContext context, string id)
    {
        long sum = 0;
        HashSet<int> seen = [];
        while (seen.Count < Ticks)
        {
            int tick = await context.WaitForExternalEvent<int>(Tick);
            if (seen.Add(tick)) sum += TickWorth + await context.CallActivityAsync<long>(FaultActivities.Effect, $"{id}/tick{tick}");
        }

        return sum;
    }

    private static async Task<long> EffectsAsync(TaskOrchestrationContext context, string key, int count)
    {
        long[] values = await Task.WhenAll(Enumerable.Range(0, count).Select(i =>
            context.CallActivityAsync<long>(FaultActivities.Effect, $"{key}{i}")));
        return values.Sum();
    }
}
