using System.Collections.Concurrent;
using DataPlatform.Local.Runtime.Durable;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace DataPlatform.Local.Runtime.Tests.Durable;

public sealed class OwnershipTests
{
    [Fact]
    public async Task Two_engines_never_take_turns_of_one_instance_at_once_also_while_they_come_and_go()
    {
        using TempFolder folder = new();
        ConcurrentDictionary<string, int> inTurn = new();
        ConcurrentDictionary<int, int> turns = new();
        int overlaps = 0;
        await using Harness first = await Start(0);
        Harness second = await Start(1);
        string[] ids = [.. Enumerable.Range(0, 30).Select(i => $"i{i}")];
        for (int i = 0; i < ids.Length; i++)
            await (i % 2 == 0 ? first : second).Client.ScheduleNewOrchestrationInstanceAsync("main", i, new StartOrchestrationOptions(ids[i]));

        for (int round = 0; round < 3; round++)
        {
            await Task.Delay(60, TestContext.Current.CancellationToken);
            await second.DisposeAsync();
            second = await Start(1);
        }

        for (int i = 0; i < ids.Length; i++) Assert.Equal(i + 6, (await first.End(ids[i])).ReadOutputAs<int>());
        await second.DisposeAsync();
        Assert.Equal(0, overlaps);
        Assert.True(turns.Count == 2, "one of the two did nothing");

        Task<Harness> Start(int engine) => Harness.Start(
            registry => registry
                .Activity<int, int>("next", value => value + 1)
                .AddOrchestrator("main", context =>
                {
                    if (inTurn.AddOrUpdate(context.InstanceId, 1, (_, count) => count + 1) > 1) Interlocked.Increment(ref overlaps);
                    turns.AddOrUpdate(engine, 1, (_, count) => count + 1);
                    // Turns are so short that two of them would hardly ever meet.
                    Thread.Sleep(3);
                    inTurn.AddOrUpdate(context.InstanceId, 0, (_, count) => count - 1);
                    return Chain(context);
                }),
            configure: Shared,
            path: folder.File("durable.db"));

        static async Task<object?> Chain(TaskOrchestrationContext context)
        {
            int value = context.GetInput<int>();
            for (int i = 0; i < 6; i++) value = await context.CallActivityAsync<int>("next", value);
            return value;
        }
    }

    [Fact]
    public async Task An_owner_that_was_taken_for_dead_commits_nothing_more()
    {
        using TempFolder folder = new();
        using ManualResetEventSlim release = new();
        using ManualResetEventSlim entered = new();
        await using Harness first = await Start("first");
        string id = await first.Client.ScheduleNewOrchestrationInstanceAsync("main");
        await Wait.Until(() => entered.IsSet);

        // As if the system had told that it is gone, while it sits in a turn.
        File.Delete(Assert.Single(Directory.GetFiles(first.Options.StorePath + ".owners")));
        await using Harness second = await Start("second");
        Assert.Equal("second", (await second.End(id)).ReadOutputAs<string>());
        List<HistoryEvent> history = second.History(id);
        release.Set();
        await Wait.Until(() => first.Engine.IsIdle);

        Assert.Equal(history, second.History(id));
        Assert.Equal("second", (await first.End(id)).ReadOutputAs<string>());

        Task<Harness> Start(string name) => Harness.Start(
            registry => registry
                .Activity<int, string>("who", _ => name)
                .Orchestrator("main", async context =>
                {
                    if (name == "first")
                    {
                        entered.Set();
                        release.Wait();
                    }

                    return await context.CallActivityAsync<string>("who");
                }),
            configure: Shared,
            path: folder.File("durable.db"));
    }

    [Fact]
    public async Task What_a_stopped_process_owned_goes_to_those_that_live()
    {
        using TempFolder folder = new();
        await using Harness first = await Start();
        await using Harness second = await Start();
        string[] ids = [.. Enumerable.Range(0, 20).Select(i => $"i{i}")];
        foreach (string id in ids) await first.Client.ScheduleNewOrchestrationInstanceAsync("wait", new StartOrchestrationOptions(id));
        foreach (string id in ids) await first.Client.WaitForInstanceStartAsync(id);
        await first.Engine.Stop(CancellationToken.None);

        Assert.Single(Owners(second));
        foreach (string id in ids) await second.Client.RaiseEventAsync(id, "go", 7);
        foreach (string id in ids) Assert.Equal(7, (await second.End(id)).ReadOutputAs<int>());

        Task<Harness> Start() => Harness.Start(
            registry => registry.Orchestrator("wait", context => context.WaitForExternalEvent<int>("go")),
            configure: Shared,
            path: folder.File("durable.db"));
    }

    [Theory]
    [InlineData(-1, true)]
    [InlineData(1, false)]
    public async Task Without_file_locks_the_lease_says_who_lives(int leaseHours, bool takenOver)
    {
        await using Harness host = await Harness.Start(
            registry => registry.Orchestrator("wait", context => context.WaitForExternalEvent<int>("go")),
            configure: options => Shared(options) with { UseFileLocks = false });
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync("wait");
        await host.Client.WaitForInstanceStartAsync(id);
        using SqliteSession session = new(host.Options.StorePath);
        Assert.NotNull(session.Scalar("SELECT lease_until FROM owners"));
        session.Execute(
            "INSERT INTO owners (id, process, started_at, lease_until) VALUES ('other', 0, 0, ?1)",
            DateTimeOffset.Parse("2000-01-01T00:00:00Z").AddYears(leaseHours > 0 ? 500 : 0).UtcTicks);
        session.Execute("UPDATE instances SET owner = 'other'");

        await host.Client.RaiseEventAsync(id, "go", 3);

        if (takenOver) Assert.Equal(3, (await host.End(id)).ReadOutputAs<int>());
        else
        {
            // It has looked several times meanwhile.
            long looked = host.Engine.Looks;
            await Wait.Until(() => host.Engine.Looks > looked + 3);
            Assert.Equal(["other"], Owners(host));
            Assert.Equal(OrchestrationRuntimeStatus.Running, (await host.Client.GetInstanceAsync(id))!.RuntimeStatus);
        }
    }

    [Fact]
    public async Task A_process_whose_lock_file_was_deleted_makes_it_anew()
    {
        using TempFolder folder = new();
        await using Harness first = await Harness.Start(_ => { }, configure: Shared, path: folder.File("durable.db"));
        await using Harness second = await Harness.Start(_ => { }, configure: Shared, path: folder.File("durable.db"));
        foreach (string file in Directory.GetFiles(first.Options.StorePath + ".owners")) File.Delete(file);

        await Wait.Until(() => File.Exists(Path.Combine(first.Options.StorePath + ".owners", first.Engine.OwnerId + ".lock"))
            && File.Exists(Path.Combine(first.Options.StorePath + ".owners", second.Engine.OwnerId + ".lock")));

        // Now both live for each other.
        using SqliteSession session = new(first.Options.StorePath);
        (long, long) looks = (first.Engine.Looks, second.Engine.Looks);
        await Wait.Until(() => first.Engine.Looks > looks.Item1 + 3 && second.Engine.Looks > looks.Item2 + 3);
        session.Execute("UPDATE owners SET started_at = 7");
        looks = (first.Engine.Looks, second.Engine.Looks);
        await Wait.Until(() => first.Engine.Looks > looks.Item1 + 3 && second.Engine.Looks > looks.Item2 + 3);
        Assert.Equal(2L, session.Scalar("SELECT COUNT(*) FROM owners WHERE started_at = 7"));
    }

    [Fact]
    public async Task Instances_of_a_client_without_a_worker_are_taken_by_whoever_runs()
    {
        using TempFolder folder = new();
        await using DurableEngine client = CrashWorker.Create(folder.File("durable.db"));
        string id = await client.Client.ScheduleNewOrchestrationInstanceAsync("child", 4);
        await using DurableEngine worker = CrashWorker.Create(folder.File("durable.db"));
        await worker.Start();
        string later = await client.Client.ScheduleNewOrchestrationInstanceAsync("child", 5);

        using CancellationTokenSource patience = new(TimeSpan.FromSeconds(20));
        Assert.Equal(17, (await worker.Client.WaitForInstanceCompletionAsync(id, true, patience.Token)).ReadOutputAs<int>());
        Assert.Equal(26, (await worker.Client.WaitForInstanceCompletionAsync(later, true, patience.Token)).ReadOutputAs<int>());
    }

    private static DurableOptions Shared(DurableOptions options) =>
        options with { PollInterval = TimeSpan.FromMilliseconds(50), SharedPollInterval = TimeSpan.FromMilliseconds(5), MaxConcurrentOrchestrators = 2 };

    private static List<string> Owners(Harness host)
    {
        using SqliteSession session = new(host.Options.StorePath);
        return session.Query("SELECT DISTINCT owner FROM instances", row => row.String(0));
    }
}
