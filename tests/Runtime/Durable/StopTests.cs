using System.Diagnostics;
using DataPlatform.Local.Runtime.Durable;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace DataPlatform.Local.Runtime.Tests.Durable;

public sealed class StopTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_activity_that_a_stop_interrupts_runs_again_and_is_no_failure(bool throwsOwnException)
    {
        using TempFolder folder = new();
        int runs = 0;
        void Register(TaskRegistry registry) => registry
            .ActivityAsync<string, string>("work", async (_, token) =>
            {
                if (Interlocked.Increment(ref runs) > 1) return "done";
                try
                {
                    await Task.Delay(Timeout.InfiniteTimeSpan, token);
                }
                catch (OperationCanceledException stop) when (throwsOwnException)
                {
                    throw new InvalidOperationException("the connection was closed", stop);
                }

                return "never";
            })
            .Orchestrator("main", context => context.CallActivityAsync<string>("work"));

        string id;
        await using (Harness first = await Harness.Start(Register, path: folder.File("durable.db")))
        {
            id = await first.Client.ScheduleNewOrchestrationInstanceAsync("main");
            await Wait.Until(() => Volatile.Read(ref runs) == 1);
            using CancellationTokenSource patience = new(TimeSpan.FromSeconds(20));
            await first.Engine.Stop(patience.Token);
            Assert.False(patience.IsCancellationRequested);
        }

        await using Harness second = await Harness.Start(Register, path: folder.File("durable.db"));
        Assert.Equal("done", (await second.End(id)).ReadOutputAs<string>());
        Assert.Equal(2, runs);
    }

    [Fact]
    public async Task An_orchestrator_that_keeps_its_thread_does_not_keep_the_process()
    {
        using ManualResetEventSlim release = new();
        using ManualResetEventSlim entered = new();
        await using Harness host = await Harness.Start(
            registry => registry.Orchestrator("stuck", context =>
            {
                entered.Set();
                release.Wait();
                return Task.FromResult(1);
            }),
            configure: options => options with { TurnGrace = TimeSpan.FromMilliseconds(50) });
        await host.Client.ScheduleNewOrchestrationInstanceAsync("stuck");
        await Wait.Until(() => entered.IsSet);

        await host.Engine.Stop(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(10));

        release.Set();
        Assert.Contains(host.Logs.Entries, entry => entry.Message.Contains("has not given its thread back", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_thousand_activities_at_once_come_back_in_order()
    {
        await using Harness host = await Harness.Start(registry => registry
            .Activity<int, int>("double", value => value * 2)
            .Orchestrator("main", async context =>
                (await Task.WhenAll(Enumerable.Range(0, 1000).Select(i => context.CallActivityAsync<int>("double", i)))).Select((value, i) => value == i * 2).All(same => same)));
        Stopwatch watch = Stopwatch.StartNew();

        OrchestrationMetadata end = await host.Run("main");

        TestContext.Current.SendDiagnosticMessage($"1,000 activities: {watch.Elapsed.TotalSeconds:0.0} s");
        Assert.True(end.ReadOutputAs<bool>());
    }
}
