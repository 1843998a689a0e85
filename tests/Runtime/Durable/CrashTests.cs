using System.Diagnostics;
using DataPlatform.Local.Runtime.Durable;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace DataPlatform.Local.Runtime.Tests.Durable;

/// <summary>Real processes, killed with SIGKILL.</summary>
public sealed class CrashTests(ITestOutputHelper output)
{
    private static readonly bool Long = Environment.GetEnvironmentVariable("DATAPLATFORM_LONG") == "1";

    [Fact]
    public async Task Killed_at_any_point_every_orchestration_ends_with_the_right_result()
    {
        int seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        Random random = new(seed);
        using TempFolder folder = new();
        string store = folder.File("durable.db");
        await using DurableEngine client = CrashWorker.Create(store);
        int jobs = Long ? 200 : 25, kills = Long ? 60 : 5;
        for (int i = 0; i < jobs; i++)
            await client.Client.ScheduleNewOrchestrationInstanceAsync("job", i, new StartOrchestrationOptions($"job-{i}"));

        for (int kill = 0; kill < kills; kill++)
        {
            Process worker = CrashWorker.Start(store);
            try
            {
                Assert.Equal("started", await worker.StandardOutput.ReadLineAsync());
                await Task.Delay(random.Next(400));
            }
            finally
            {
                await CrashWorker.Kill(worker);
            }
        }

        output.WriteLine($"{CountOpen(store)} instances open after {kills} kills");
        Process last = CrashWorker.Start(store);
        try
        {
            for (int i = 0; i < jobs; i++)
            {
                using CancellationTokenSource patience = new(TimeSpan.FromSeconds(Long ? 300 : 30));
                OrchestrationMetadata ended = await client.Client.WaitForInstanceCompletionAsync($"job-{i}", true, patience.Token);
                Assert.Equal((i, OrchestrationRuntimeStatus.Completed), (i, ended.RuntimeStatus));
                Assert.Equal(CrashWorker.Expected(i), ended.ReadOutputAs<int>());
            }
        }
        finally
        {
            await CrashWorker.Kill(last);
        }

        CheckHistories(store, jobs);
    }

    [Fact]
    public async Task What_a_killed_process_was_doing_goes_on_within_seconds_of_the_next_start()
    {
        using TempFolder folder = new();
        string store = folder.File("durable.db");
        await using DurableEngine engine = CrashWorker.Create(store);
        string id = await engine.Client.ScheduleNewOrchestrationInstanceAsync("interrupted");
        Process worker = CrashWorker.Start(store);
        try
        {
            await Wait.Until(() => File.Exists(store + ".entered"));
        }
        finally
        {
            await CrashWorker.Kill(worker);
        }

        await engine.Start();

        // Its lease is ten minutes long.
        using CancellationTokenSource patience = new(TimeSpan.FromSeconds(10));
        OrchestrationMetadata ended = await engine.Client.WaitForInstanceCompletionAsync(id, true, patience.Token);
        Assert.Equal(1, ended.ReadOutputAs<int>());
    }

    private static long CountOpen(string store)
    {
        using SqliteSession session = new(store);
        return (long)session.Scalar("SELECT COUNT(*) FROM instances WHERE status IN (0, 6)")!;
    }

    private static void CheckHistories(string store, int jobs)
    {
        using SqliteSession session = new(store);
        for (int i = 0; i < jobs; i++)
        {
            List<HistoryEvent> history = HistoryTable.Read(session, $"job-{i}");
            foreach (HistoryEventKind kind in new[] { HistoryEventKind.TaskScheduled, HistoryEventKind.TaskCompleted, HistoryEventKind.TimerFired })
            {
                int[] tasks = [.. history.Where(step => step.Kind == kind).Select(step => step.TaskId)];
                Assert.Equal(tasks.Distinct().Order(), tasks.Order());
                Assert.Equal(kind == HistoryEventKind.TimerFired ? 1 : 12, tasks.Length);
            }
        }

        Assert.Equal(0L, session.Scalar("SELECT (SELECT COUNT(*) FROM inbox) + (SELECT COUNT(*) FROM activities)"));
        Assert.Equal("ok", session.Scalar("PRAGMA integrity_check"));
    }
}
