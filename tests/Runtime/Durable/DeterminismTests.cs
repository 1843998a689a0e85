using DataPlatform.Local.Runtime.Durable;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Local.Runtime.Tests.Durable;

public sealed class DeterminismTests
{
    [Fact]
    public async Task Guids_and_the_clock_are_the_same_at_each_replay()
    {
        List<(Guid First, Guid Second, DateTime At)> seen = [];
        await using Harness host = await Harness.Start(registry => registry
            .Activity<int, int>("work", value => value)
            .Orchestrator("main", async context =>
            {
                var values = (context.NewGuid(), context.NewGuid(), context.CurrentUtcDateTime);
                seen.Add(values);
                for (int i = 0; i < 3; i++) await context.CallActivityAsync<int>("work");
                return values.CurrentUtcDateTime;
            }));

        OrchestrationMetadata ended = await host.Run("main");

        Assert.Equal(4, seen.Count);
        Assert.Single(seen.Distinct());
        Assert.NotEqual(seen[0].First, seen[0].Second);
        Assert.Equal(5, seen[0].First.Version);
        Assert.Equal(DateTimeKind.Utc, seen[0].At.Kind);
        Assert.Equal(OrchestrationRuntimeStatus.Completed, ended.RuntimeStatus);
    }

    [Fact]
    public void Guids_are_those_of_the_official_host() =>
        // From Python: uuid.uuid5(uuid.UUID("9e952958-5e33-4daf-827f-2fa12937b875"), name).
        Assert.Equal(Guid.Parse("e4fd7904-ed4f-56fb-89c1-068e29d5113c"), DeterministicGuid.Create("i1_2026-01-01T00:00:00.0000000Z_0"));

    [Fact]
    public async Task The_replay_safe_logger_speaks_once()
    {
        await using Harness host = await Harness.Start(registry => registry
            .Activity<int, int>("work", value => value)
            .Orchestrator("main", async context =>
            {
                ILogger logger = context.CreateReplaySafeLogger("mine");
                for (int i = 0; i < 4; i++)
                {
#pragma warning disable CA1848, CA2254, CA1873
                    logger.LogInformation($"step {i}");
#pragma warning restore CA1848, CA2254, CA1873
                    await context.CallActivityAsync<int>("work");
                }

                return 0;
            }));

        await host.Run("main");

        Assert.Equal(["step 0", "step 1", "step 2", "step 3"], host.Logs.Entries.Where(entry => entry.Category == "mine").Select(entry => entry.Message));
    }

    [Theory]
    [InlineData("other", "history says that it did call activity 'a' (#0), the code now does call activity 'b' (#0)")]
    [InlineData("timer", "history says that it did call activity 'a' (#0), the code now does create a timer (#0)")]
    [InlineData("nothing", "history says that it did call activity 'a' (#0), the code does not")]
    [InlineData("more", "the code now does call activity 'b' (#1), history does not know it")]
    public async Task Code_that_no_longer_does_what_it_did_fails(string change, string message)
    {
        bool changed = false;
        await using Harness host = await Harness.Start(registry => registry
            .Activity<int, int>("a", value => value)
            .Activity<int, int>("b", value => value)
            .Orchestrator("main", async context =>
            {
                if (!changed) await context.CallActivityAsync("a");
                else if (change == "other") await context.CallActivityAsync("b");
                else if (change == "timer") await context.CreateTimer(TimeSpan.FromMinutes(1), CancellationToken.None);
                else if (change == "more") await Task.WhenAll(context.CallActivityAsync("a"), context.CallActivityAsync("b"));
                await context.WaitForExternalEvent<bool>("go");
                return 1;
            }));
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync("main");
        await Wait.Until(() => host.History(id).Exists(step => step.Kind == HistoryEventKind.TaskCompleted));

        changed = true;
        await host.Client.RaiseEventAsync(id, "go", true);

        OrchestrationMetadata ended = await host.End(id);
        Assert.Equal(OrchestrationRuntimeStatus.Failed, ended.RuntimeStatus);
        Assert.StartsWith($"Non-deterministic orchestrator: {message}", ended.FailureDetails?.ErrorMessage, StringComparison.Ordinal);
    }

    public static TheoryData<string> IllegalAwaits => ["delay", "delay-then-call", "run", "configure", "race", "first"];

    [Theory]
    [MemberData(nameof(IllegalAwaits))]
    public async Task Awaiting_what_is_not_durable_fails(string how)
    {
        await using Harness host = await Harness.Start(registry => registry
            .Activity<int, int>("work", value => value)
            .Orchestrator("main", async context =>
            {
                if (how != "first") await context.CallActivityAsync<int>("work");
                switch (how)
                {
                    case "delay-then-call":
                        await Task.Delay(1);
                        return await context.CallActivityAsync<int>("work");
                    case "run":
                        await Task.Run(() => Thread.Sleep(1));
                        break;
                    case "configure":
                        await context.CallActivityAsync<int>("work").ConfigureAwait(false);
                        break;
                    case "race":
                        Task<int> open = context.CallActivityAsync<int>("work");
                        await Task.Delay(1).ConfigureAwait(false);
                        return await open;
                    default:
                        await Task.Delay(1);
                        break;
                }

                return 1;
            }));
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync("main");

        OrchestrationMetadata ended = await host.End(id);

        Assert.Equal(OrchestrationRuntimeStatus.Failed, ended.RuntimeStatus);
        Assert.Contains("awaits something that is not durable", ended.FailureDetails?.ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Yielding_stays_on_the_turn()
    {
        await using Harness host = await Harness.Start(registry => registry
            .Activity<int, int>("work", value => value + 1)
            .Orchestrator("main", async context =>
            {
                await Task.Yield();
                int value = await context.CallActivityAsync<int>("work", 1);
                await Task.Yield();
                return value;
            }));

        Assert.Equal(2, (await host.Run("main")).ReadOutputAs<int>());
    }

    [Fact]
    public async Task No_more_orchestrators_run_at_once_than_host_json_says()
    {
        int running = 0;
        System.Collections.Concurrent.ConcurrentBag<int> seen = [];
        await using Harness host = await Harness.Start(
            registry => registry.Orchestrator("main", context =>
            {
                seen.Add(Interlocked.Increment(ref running));
                Thread.Sleep(5);
                Interlocked.Decrement(ref running);
                return Task.FromResult(1);
            }),
            configure: options => options with { MaxConcurrentOrchestrators = 2 });
        string[] ids = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => host.Client.ScheduleNewOrchestrationInstanceAsync("main")));

        foreach (string id in ids) await host.End(id);

        Assert.Equal(2, seen.Max());
    }
}
