using System.Diagnostics;
using DataPlatform.Local.Runtime.Durable;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace DataPlatform.Local.Runtime.Tests.Durable;

/// <summary>Work that fails in the engine or kills its process.</summary>
public sealed class PoisonTests
{
    [Fact]
    public async Task A_turn_the_engine_can_not_take_is_backed_off_and_shown_and_others_go_on()
    {
        await using Harness host = await Harness.Start(Register, configure: Quick);
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync("wait", new StartOrchestrationOptions("broken"));
        await host.Client.WaitForInstanceStartAsync(id);
        Sql(host, "INSERT INTO inbox (instance_id, execution_id, due_at, kind, at, task_id) VALUES ('broken', NULL, 0, 99, 0, 0)");

        OrchestrationMetadata shown = await host.Until(id, state => state.SerializedOutput is not null);

        Assert.Equal(OrchestrationRuntimeStatus.Running, shown.RuntimeStatus);
        Assert.Contains("unknown kind 99", shown.SerializedOutput, StringComparison.Ordinal);
        InstanceRow row = Assert.Single(host.Engine.InTrouble(10));
        Assert.True(row.Trouble!.RetryAt > DateTimeOffset.UnixEpoch);
        Assert.Equal(3, (await host.Run("three")).ReadOutputAs<int>());

        await Wait.Until(() => host.Logs.Entries.Count(entry =>
            entry.Message.StartsWith("A turn of broken could not be run", StringComparison.Ordinal)) == 2);
        Assert.Equal(2, host.Engine.InTrouble(10)[0].Trouble!.Attempts);
        Assert.Contains(host.Logs.Entries, entry => entry.Message.Contains("2 times in a row; the next try is in 2 s", StringComparison.Ordinal));

        Sql(host, "DELETE FROM inbox WHERE kind = 99");
        Sql(host, "UPDATE instances SET retry_at = 0");
        await host.Client.RaiseEventAsync(id, "go", 5);
        Assert.Equal(5, (await host.End(id)).ReadOutputAs<int>());
        Assert.Empty(host.Engine.InTrouble(10));
    }

    [Fact]
    public async Task An_activity_whose_input_is_gone_fails_and_others_run()
    {
        using TempFolder folder = new();
        string path = folder.File("durable.db");
        string id;
        await using (Harness without = await Harness.Start(Register, configure: options => options with { MaxConcurrentActivities = 1 }, path: path))
        {
            id = await without.Client.ScheduleNewOrchestrationInstanceAsync("long-input");
            await Wait.Until(() => without.History(id).Count > 2);
            Sql(without, "UPDATE activities SET name = 'next', input = x'00'");
        }

        await using Harness host = await Harness.Start(Register, path: path);

        Assert.Contains("A payload of instance", (await host.End(id)).FailureDetails?.ErrorMessage, StringComparison.Ordinal);
        Assert.Equal(3, (await host.Run("three")).ReadOutputAs<int>());
    }

    [Theory]
    [InlineData("killed-by-activity")]
    [InlineData("killed-by-turn")]
    public async Task What_kills_its_process_again_and_again_is_failed(string name)
    {
        using TempFolder folder = new();
        string store = folder.File("durable.db");
        await using DurableEngine engine = CrashWorker.Create(store, options => options with { MaxDeaths = 2 });
        string id = await engine.Client.ScheduleNewOrchestrationInstanceAsync(name);
        for (int i = 0; i < 2; i++)
        {
            Process worker = CrashWorker.Start(store);
            using CancellationTokenSource patience = new(TimeSpan.FromSeconds(30));
            await worker.WaitForExitAsync(patience.Token);
            Assert.NotEqual(0, worker.ExitCode);
        }

        await engine.Start();

        using CancellationTokenSource end = new(TimeSpan.FromSeconds(20));
        OrchestrationMetadata ended = await engine.Client.WaitForInstanceCompletionAsync(id, true, end.Token);
        Assert.Contains("The process has died 2 times while it had", ended.SerializedOutput, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Activities_that_never_began_are_not_failed_for_the_deaths_of_their_processes()
    {
        using TempFolder folder = new();
        string store = folder.File("durable.db");
        int places = new DurableOptions { StorePath = store }.MaxConcurrentActivities;
        await using DurableEngine engine = CrashWorker.Create(store, options => options with { MaxDeaths = 3 });
        string id = await engine.Client.ScheduleNewOrchestrationInstanceAsync("hold", places * 2);
        for (int i = 0; i < 3; i++)
        {
            Process worker = CrashWorker.Start(store);
            await Wait.Until(() => Directory.GetFiles(folder.Path, $"*.held-{worker.Id}-*").Length == places);
            await CrashWorker.Kill(worker);
        }

        await File.WriteAllTextAsync(store + ".go", "", TestContext.Current.CancellationToken);
        await engine.Start();

        using CancellationTokenSource end = new(TimeSpan.FromSeconds(30));
        // Those that ran each time are suspects.
        Assert.Equal(places, (await engine.Client.WaitForInstanceCompletionAsync(id, true, end.Token)).ReadOutputAs<int>());
    }

    [Fact]
    public async Task An_instance_whose_turn_never_began_is_not_failed_for_the_deaths_of_its_processes()
    {
        await using Harness host = await Harness.Start(Register, configure: Quick);
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync(
            "wait", new StartOrchestrationOptions(null, TimeProvider.System.GetUtcNow().AddHours(1)));
        await host.Client.RaiseEventAsync(id, "go", 4);
        using SqliteSession session = new(host.Options.StorePath);
        for (int i = 0; i < 12; i++)
        {
            session.Execute("BEGIN IMMEDIATE");
            OwnerTable.Insert(session, "dead", DateTimeOffset.UnixEpoch, null);
            session.Execute("UPDATE instances SET owner = 'dead'");
            OwnerTable.Remove(session, "dead", [host.Engine.OwnerId!], TimeProvider.System.GetUtcNow(), died: true);
            session.Execute("COMMIT");
        }

        Sql(host, "UPDATE inbox SET due_at = 0");

        Assert.Equal(4, (await host.End(id)).ReadOutputAs<int>());
    }

    [Fact]
    public async Task After_several_deaths_work_waits_longer_and_longer_by_chance()
    {
        await using Harness host = await Harness.Start(Register, configure: Quick);
        using SqliteSession session = new(host.Options.StorePath);
        session.Execute("BEGIN IMMEDIATE");
        for (int i = 0; i < 400; i++)
        {
            session.Execute(
                "INSERT INTO activities (instance_id, execution_id, task_id, name, owner, token, lease_until, deaths, begun) VALUES ('x', 'x', 0, 'x', 'dead', 'x', 1, ?1, 1)",
                i / 100 * 2);
        }

        ActivityTable.ReleaseDead(session, "dead", DateTimeOffset.UnixEpoch);

        List<(int Deaths, double Seconds)> waits = session.Query(
            "SELECT deaths, max(lease_until) FROM activities GROUP BY deaths ORDER BY deaths",
            row => (row.Int32(0), row.Int64(1) == 0 ? 0 : (row.Time(1) - DateTimeOffset.UnixEpoch).TotalSeconds));
        session.Execute("ROLLBACK");
        Assert.Equal([1, 3, 5, 7], waits.Select(wait => wait.Deaths));
        Assert.Equal(0, waits[0].Seconds);
        Assert.InRange(waits[1].Seconds, 1, 2);
        Assert.InRange(waits[2].Seconds, 4, 8);
        Assert.InRange(waits[3].Seconds, 16, 32);
    }

    [Fact]
    public async Task An_orchestrator_that_never_yields_keeps_no_other_from_its_turn()
    {
        using ManualResetEventSlim release = new();
        await using Harness host = await Harness.Start(
            registry =>
            {
                Register(registry);
                registry.Orchestrator("stuck", _ =>
                {
                    release.Wait();
                    return Task.FromResult(1);
                });
            },
            configure: options => Quick(options) with { MaxConcurrentOrchestrators = 1, TurnLimit = TimeSpan.FromMilliseconds(100) });
        string stuck = await host.Client.ScheduleNewOrchestrationInstanceAsync("stuck");

        Assert.Equal(3, (await host.Run("three")).ReadOutputAs<int>());

        OrchestrationMetadata shown = await host.Until(stuck, state => state.SerializedOutput is not null);
        Assert.Equal("A turn has not come back within 0 s: the orchestrator blocks or loops without an await.", shown.SerializedOutput);
        release.Set();
        Assert.Equal(1, (await host.End(stuck)).ReadOutputAs<int>());
    }

    private static void Register(TaskRegistry registry) => registry
        .Activity<int, int>("next", value => value + 1)
        .ActivityAsync<string, int>("endless", async (_, cancellation) =>
        {
            await Task.Delay(Timeout.Infinite, cancellation);
            return 0;
        })
        .Orchestrator("long-input", context => context.CallActivityAsync<int>("endless", new string('x', 20_000)))
        .Orchestrator("wait", context => context.WaitForExternalEvent<int>("go"))
        .Orchestrator("three", async context =>
        {
            int value = 0;
            for (int i = 0; i < 3; i++) value = await context.CallActivityAsync<int>("next", value);
            return value;
        });

    private static DurableOptions Quick(DurableOptions options) => options with { PollInterval = TimeSpan.FromMilliseconds(50) };

    private static void Sql(Harness host, string statement)
    {
        using SqliteSession session = new(host.Options.StorePath);
        session.Execute(statement);
    }
}
