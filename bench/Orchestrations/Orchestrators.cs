using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;

namespace DataPlatform.Bench.Orchestrations;

/// <summary>What the benchmark runs; <c>bench/peers/restate/service.mjs</c> does the same.</summary>
public sealed class Orchestrators(TimeProvider time)
{
    private const int ChainLength = 3;

    /// <returns>For each activity its number and when it ran, in milliseconds of Unix time.</returns>
    [Function(nameof(FanOut))]
    public static Task<long[][]> FanOut([OrchestrationTrigger] TaskOrchestrationContext context, int count) =>
        Task.WhenAll(Enumerable.Range(0, count).Select(i => context.CallActivityAsync<long[]>(nameof(Stamp), i)));

    [Function(nameof(Chain))]
    public static async Task<int> Chain([OrchestrationTrigger] TaskOrchestrationContext context, int number)
    {
        for (var i = 0; i < ChainLength; i++)
            number = await context.CallActivityAsync<int>(nameof(Add), number);
        return number;
    }

    [Function(nameof(Stamp))]
    public long[] Stamp([ActivityTrigger] int number) => [number, time.GetUtcNow().ToUnixTimeMilliseconds()];

    [Function(nameof(Add))]
    public static int Add([ActivityTrigger] int number) => number + 1;
}
