using DataPlatform.Local.Runtime.Durable;
using Microsoft.DurableTask;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Local.Runtime.Tests.Durable;

/// <summary>A store that can't be written for a while, as when the disk is full.</summary>
public sealed class StoreFailureTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_result_waits_until_it_can_be_stored_and_its_activity_runs_once(bool inMemory)
    {
        int runs = 0;
        TaskCompletionSource started = new(), release = new();
        await using Harness host = await Harness.Start(
            registry => registry
                .ActivityAsync<int, int>("work", async (_, _) =>
                {
                    int run = Interlocked.Increment(ref runs);
                    started.TrySetResult();
                    await release.Task;
                    return run;
                })
                .Orchestrator("main", context => context.CallActivityAsync<int>("work")),
            // Nothing in the cache: then the result goes to the inbox.
            configure: options => options with
            {
                ActivityLease = TimeSpan.FromSeconds(1),
                PollInterval = TimeSpan.FromMilliseconds(50),
                CacheBytes = inMemory ? options.CacheBytes : 0,
            });
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync("main");
        await started.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        using SqliteSession session = new(host.Options.StorePath);
        foreach (string change in (string[])["UPDATE ON instances", "DELETE ON activities", "INSERT ON inbox"])
        {
            session.Execute(
                $"CREATE TRIGGER full_{change.Split(' ')[2]} BEFORE {change} BEGIN SELECT RAISE(ROLLBACK, 'database or disk is full'); END");
        }

        release.SetResult();
        await Wait.Until(() => host.Logs.Entries.Any(entry => entry.Level == LogLevel.Error));
        foreach (string table in (string[])["instances", "activities", "inbox"]) session.Execute($"DROP TRIGGER full_{table}");

        Assert.Equal(1, (await host.End(id)).ReadOutputAs<int>());
        Assert.Equal(1, runs);
    }
}
