using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Time.Testing;

namespace DataPlatform.Local.Runtime.Tests.Durable;

public sealed class TimerTests
{
    [Fact]
    public async Task A_timer_fires_not_before_its_time_and_soon_after()
    {
        await using Harness host = await Harness.Start(registry => registry
            .Orchestrator("main", async context =>
            {
                DateTime start = context.CurrentUtcDateTime;
                await context.CreateTimer(TimeSpan.FromMilliseconds(120), CancellationToken.None);
                return (context.CurrentUtcDateTime - start).TotalMilliseconds;
            }));

        // Polling comes once a second: a timer is not found by it.
        Assert.InRange((await host.Run("main")).ReadOutputAs<double>(), 120, 900);
    }

    [Fact]
    public async Task A_timer_of_ten_days_is_made_of_short_ones()
    {
        FakeTimeProvider time = new();
        await using Harness host = await Harness.Start(
            registry => registry.Orchestrator("main", async context =>
            {
                await context.CreateTimer(TimeSpan.FromDays(10), CancellationToken.None);
                return context.CurrentUtcDateTime;
            }),
            time);
        DateTimeOffset start = time.GetUtcNow();
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync("main");

        OrchestrationMetadata ended = await time.AdvanceUntilEnded(host, id, TimeSpan.FromHours(12));

        Assert.True(ended.ReadOutputAs<DateTime>() - start.UtcDateTime >= TimeSpan.FromDays(10));
        Assert.All(host.TimerDelays(id), delay => Assert.True(delay <= TimeSpan.FromDays(3)));
        Assert.True(host.TimerDelays(id).Count > 1);
    }

    [Fact]
    public async Task A_cancelled_timer_lets_the_orchestration_end()
    {
        await using Harness host = await Harness.Start(registry => registry
            .Activity<int, string>("work", _ => "done")
            .Orchestrator("main", async context =>
            {
                using CancellationTokenSource stop = new();
                Task timeout = context.CreateTimer(TimeSpan.FromDays(1), stop.Token);
                Task<string> work = context.CallActivityAsync<string>("work");
                Task first = await Task.WhenAny(timeout, work);
                stop.Cancel();
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => timeout);
                return first == work ? await work : "late";
            }));

        Assert.Equal("done", (await host.Run("main")).ReadOutputAs<string>());
    }

    [Fact]
    public async Task StartAt_delays_the_first_turn()
    {
        FakeTimeProvider time = new();
        await using Harness host = await Harness.Start(
            registry => registry.Orchestrator("main", context => Task.FromResult(context.CurrentUtcDateTime)), time);
        DateTimeOffset start = time.GetUtcNow().AddHours(5);
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync("main", new StartOrchestrationOptions("later", start));

        Assert.Equal(OrchestrationRuntimeStatus.Pending, (await host.Client.GetInstanceAsync(id))!.RuntimeStatus);
        OrchestrationMetadata ended = await time.AdvanceUntilEnded(host, id, TimeSpan.FromHours(1));

        Assert.True(ended.ReadOutputAs<DateTime>() >= start.UtcDateTime);
    }

    [Fact]
    public async Task All_that_is_due_at_once_starts_at_once()
    {
        FakeTimeProvider time = new();
        await using Harness host = await Harness.Start(registry => registry.Orchestrator("main", _ => Task.FromResult(1)), time);
        DateTimeOffset start = time.GetUtcNow().AddHours(5);
        string[] ids = await Task.WhenAll(Enumerable.Range(0, 1_200).Select(
            i => host.Client.ScheduleNewOrchestrationInstanceAsync("main", new StartOrchestrationOptions($"i{i}", start))));

        // Much less than it takes to look for everything again.
        time.Advance(TimeSpan.FromHours(5));

        foreach (string id in ids) Assert.Equal(1, (await host.End(id)).ReadOutputAs<int>());
    }
}
