using DataPlatform.Local.Runtime.Durable;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Time.Testing;

namespace DataPlatform.Local.Runtime.Tests.Durable;

public sealed class LeaseTests
{
    [Fact]
    public async Task A_late_result_is_dropped()
    {
        int runs = 0;
        TaskCompletionSource release = new();
        await using Harness host = await Harness.Start(registry => registry
            .ActivityAsync<int, string>("work", async (_, _) =>
            {
                if (Interlocked.Increment(ref runs) > 1) return "second";
                await release.Task;
                return "first";
            })
            .Orchestrator("main", async context =>
            {
                string result = await context.CallActivityAsync<string>("work");
                await context.WaitForExternalEvent<bool>("go");
                return result;
            }));
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync("main");
        await Wait.Until(() => Volatile.Read(ref runs) == 1);

        // As if this process had slept beyond its lease.
        Sql(host, "UPDATE activities SET lease_until = 0, token = NULL, owner = NULL");
        await Wait.Until(() => host.History(id).Exists(step => step.Kind == HistoryEventKind.TaskCompleted));
        release.SetResult();
        await Wait.Until(() => host.Logs.Entries.Any(entry => entry.Message.Contains("lost its lease", StringComparison.Ordinal)));
        await host.Client.RaiseEventAsync(id, "go", true);

        Assert.Equal("second", (await host.End(id)).ReadOutputAs<string>());
        Assert.Single(host.History(id), step => step.Kind == HistoryEventKind.TaskCompleted);
    }

    [Fact]
    public async Task A_result_that_comes_twice_counts_once()
    {
        await using Harness host = await Harness.Start(registry => registry
            .Activity<int, int>("work", value => value)
            .Orchestrator("main", async context =>
            {
                int first = await context.CallActivityAsync<int>("work", 1);
                await context.WaitForExternalEvent<bool>("go");
                return first + await context.CallActivityAsync<int>("work", 10);
            }));
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync("main");
        await Wait.Until(() => host.History(id).Exists(step => step.Kind == HistoryEventKind.TaskCompleted));

        Sql(host, """
            INSERT INTO inbox (instance_id, execution_id, due_at, kind, at, task_id, payload)
            SELECT id, execution_id, 0, 3, 0, 0, '100' FROM instances
            """);
        await host.Client.RaiseEventAsync(id, "go", true);

        Assert.Equal(11, (await host.End(id)).ReadOutputAs<int>());
    }

    [Fact]
    public async Task A_result_for_an_earlier_execution_is_dropped()
    {
        await using Harness host = await Harness.Start(registry => registry
            .Activity<int, int>("work", value => value)
            .Orchestrator("main", async context =>
            {
                await context.WaitForExternalEvent<bool>("go");
                return await context.CallActivityAsync<int>("work", 1);
            }));
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync("main");
        await host.Client.WaitForInstanceStartAsync(id);

        Sql(host, """
            INSERT INTO inbox (instance_id, execution_id, due_at, kind, at, task_id, payload)
            SELECT id, 'earlier', 0, 3, 0, 0, '100' FROM instances
            """);
        await host.Client.RaiseEventAsync(id, "go", true);

        Assert.Equal(1, (await host.End(id)).ReadOutputAs<int>());
    }

    [Fact]
    public async Task A_long_activity_keeps_its_lease()
    {
        FakeTimeProvider time = new();
        int runs = 0;
        TaskCompletionSource<int> release = new();
        await using Harness host = await Harness.Start(
            registry => registry
                .ActivityAsync<int, int>("work", (_, _) =>
                {
                    Interlocked.Increment(ref runs);
                    return release.Task;
                })
                .Orchestrator("main", context => context.CallActivityAsync<int>("work")),
            time);
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync("main");
        await Wait.Until(() => Volatile.Read(ref runs) == 1);

        // Five leases long, a third of one at a time, each renewal waited for.
        for (int i = 0; i < 15; i++)
        {
            long until = LeaseUntil(host);
            time.Advance(host.Options.ActivityLease / 3 + TimeSpan.FromMilliseconds(1));
            await Wait.Until(() => LeaseUntil(host) > until);
        }

        release.SetResult(7);
        Assert.Equal(7, (await time.AdvanceUntilEnded(host, id, TimeSpan.FromMilliseconds(100))).ReadOutputAs<int>());
        Assert.Equal(1, runs);
    }

    [Fact]
    public async Task An_activity_that_lost_its_lease_is_told_to_stop()
    {
        TaskCompletionSource started = new(), stopped = new();
        await using Harness host = await Harness.Start(
            registry => registry
                .ActivityAsync<int, int>("work", async (_, cancellation) =>
                {
                    cancellation.Register(stopped.SetResult);
                    started.SetResult();
                    await Task.Delay(Timeout.Infinite, cancellation);
                    return 1;
                })
                .Orchestrator("main", context => context.CallActivityAsync<int>("work")),
            configure: options => options with { ActivityLease = TimeSpan.FromMilliseconds(150) });
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync("main");
        await started.Task;

        await host.Client.TerminateInstanceAsync(id);

        await stopped.Task.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Equal(OrchestrationRuntimeStatus.Terminated, (await host.End(id)).RuntimeStatus);
    }

    [Fact]
    public async Task After_a_pause_longer_than_its_leases_a_process_keeps_what_it_runs()
    {
        int runs = 0;
        TaskCompletionSource<int> release = new();
        await using Harness host = await Harness.Start(
            registry => registry
                .ActivityAsync<int, int>("work", (_, _) =>
                {
                    Interlocked.Increment(ref runs);
                    return release.Task;
                })
                .Orchestrator("main", context => context.CallActivityAsync<int>("work")),
            // No renewal comes to the rescue.
            configure: options => options with { ActivityLease = TimeSpan.FromHours(1), PollInterval = TimeSpan.FromMilliseconds(50) });
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync("main");
        await Wait.Until(() => Volatile.Read(ref runs) == 1);

        // As if the machine had slept, or the process had been stopped.
        Sql(host, "UPDATE activities SET lease_until = 1");
        await Wait.Until(() => LeaseUntil(host) > 1);
        release.SetResult(7);

        Assert.Equal(7, (await host.End(id)).ReadOutputAs<int>());
        Assert.Equal(1, runs);
        Assert.DoesNotContain(host.Logs.Entries, entry => entry.Message.Contains("lost its lease", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_waits_for_a_place_and_has_lost_its_lease_does_not_begin()
    {
        int runs = 0;
        await using Harness host = await Harness.Start(
            registry => registry
                .ActivityAsync<int, int>("work", async (_, cancellation) =>
                {
                    Interlocked.Increment(ref runs);
                    await Task.Delay(Timeout.Infinite, cancellation);
                    return 1;
                })
                .Activity<int, int>("after", value => value)
                .Orchestrator("fan", context => Task.WhenAll(Enumerable.Range(0, 20).Select(i => context.CallActivityAsync<int>("work", i))))
                .Orchestrator("after", context => context.CallActivityAsync<int>("after", 5)),
            configure: options => options with { ActivityLease = TimeSpan.FromMilliseconds(300), MaxConcurrentActivities = 1 });
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync("fan");
        await Wait.Until(() => Volatile.Read(ref runs) == 1);

        await host.Client.TerminateInstanceAsync(id);

        // It stands behind them in the queue.
        Assert.Equal(5, (await host.Run("after")).ReadOutputAs<int>());
        Assert.Equal(1, runs);
    }

    [Fact]
    public async Task Two_workers_share_a_store_and_run_each_activity_once()
    {
        using TempFolder folder = new();
        string path = folder.File("durable.db");
        int[] runs = new int[2];
        await using Harness first = await Start(0);
        await using Harness second = await Start(1);

        string[] ids = new string[20];
        for (int i = 0; i < ids.Length; i++)
            ids[i] = await (i % 2 == 0 ? first : second).Client.ScheduleNewOrchestrationInstanceAsync("fan", i);
        for (int i = 0; i < ids.Length; i++)
            Assert.Equal(Enumerable.Range(i, 6).Sum(), (await (i % 2 == 0 ? second : first).End(ids[i])).ReadOutputAs<int>());

        Assert.Equal(20 * 6, runs.Sum());
        Assert.All(runs, count => Assert.True(count > 0));

        Task<Harness> Start(int worker) => Harness.Start(
            registry => registry
                .ActivityAsync<int, int>("same", async (value, cancellation) =>
                {
                    Interlocked.Increment(ref runs[worker]);
                    await Task.Delay(3, cancellation);
                    return value;
                })
                .Orchestrator("fan", async context => (await Task.WhenAll(
                    Enumerable.Range(context.GetInput<int>(), 6).Select(i => context.CallActivityAsync<int>("same", i)))).Sum()),
            configure: options => options with { MaxConcurrentActivities = 2 },
            path: path);
    }

    [Fact]
    public async Task A_stopped_worker_hands_its_activities_over()
    {
        using TempFolder folder = new();
        string path = folder.File("durable.db");
        int runs = 0;
        string id;
        await using (Harness first = await Start())
        {
            id = await first.Client.ScheduleNewOrchestrationInstanceAsync("main");
            await Wait.Until(() => Volatile.Read(ref runs) == 1);
        }

        await using Harness second = await Start();
        Assert.Equal(2, (await second.End(id)).ReadOutputAs<int>());

        Task<Harness> Start() => Harness.Start(
            registry => registry
                .ActivityAsync<int, int>("work", async (_, cancellation) =>
                {
                    if (Interlocked.Increment(ref runs) == 1) await Task.Delay(Timeout.Infinite, cancellation);
                    return runs;
                })
                .Orchestrator("main", context => context.CallActivityAsync<int>("work")),
            path: path);
    }

    [Fact]
    public async Task Another_hubs_store_is_refused()
    {
        await using Harness host = await Harness.Start(_ => { });
        InvalidOperationException refused = await Assert.ThrowsAsync<InvalidOperationException>(() =>
            Harness.Start(_ => { }, configure: options => options with { HubName = "Else" }, path: host.Options.StorePath));
        Assert.Contains("belongs to hub 'Tests', host.json says 'Else'", refused.Message, StringComparison.Ordinal);
    }

    private static void Sql(Harness host, string statement)
    {
        using SqliteSession session = new(host.Options.StorePath);
        session.Execute(statement);
    }

    private static long LeaseUntil(Harness host)
    {
        using SqliteSession session = new(host.Options.StorePath);
        return (long)session.Scalar("SELECT lease_until FROM activities")!;
    }
}
