using System.Diagnostics;
using DataPlatform.Local.Runtime.Durable;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Converters;
using Microsoft.Extensions.Logging.Abstractions;

namespace DataPlatform.Local.Runtime.Tests.Durable;

/// <summary>A process that runs orchestrations until it is killed.</summary>
internal static class CrashWorker
{
    public const string Switch = "--durable-worker";

    public static DurableEngine Create(string store, Func<DurableOptions, DurableOptions>? configure = null)
    {
        TaskRegistry registry = new();
        registry
            .ActivityAsync<int, int>("square", async (value, cancellation) =>
            {
                await Task.Delay(value % 7, cancellation);
                return value * value;
            })
            .ActivityAsync<int, int>("endless-once", async (_, cancellation) =>
            {
                // The first worker never comes back from it; the next one answers at once.
                string mark = store + ".entered";
                if (File.Exists(mark)) return 1;
                await File.WriteAllTextAsync(mark, "", cancellation);
                await Task.Delay(Timeout.Infinite, cancellation);
                return 0;
            })
            .ActivityAsync<int, int>("hold", async (value, cancellation) =>
            {
                if (File.Exists(store + ".go")) return value;
                await File.WriteAllTextAsync($"{store}.held-{Environment.ProcessId}-{value}", "", cancellation);
                await Task.Delay(Timeout.Infinite, cancellation);
                return value;
            })
            .Orchestrator("hold", async context =>
            {
                Task<int>[] all = [.. Enumerable.Range(0, context.GetInput<int>()).Select(i => context.CallActivityAsync<int>("hold", i))];
                // How many came back, whatever became of the others.
                return await Task.WhenAll(all.Select(async one =>
                {
                    try
                    {
                        await one;
                        return 1;
                    }
                    catch (TaskFailedException)
                    {
                        return 0;
                    }
                })) is { } ends ? ends.Sum() : 0;
            })
            .Activity<int, int>("killer", _ => Die())
            .Orchestrator("killed-by-activity", async context =>
            {
                try
                {
                    return $"{await context.CallActivityAsync<int>("killer")}";
                }
                catch (TaskFailedException failed)
                {
                    return failed.FailureDetails.ErrorMessage;
                }
            })
            .Orchestrator("killed-by-turn", _ => Task.FromResult(Die()))
            .Orchestrator("interrupted", context => context.CallActivityAsync<int>("endless-once"))
            .Orchestrator("child", async context => await context.CallActivityAsync<int>("square", context.GetInput<int>()) + 1)
            .Orchestrator("job", async context =>
            {
                int n = context.GetInput<int>();
                int[] squares = await Task.WhenAll(Enumerable.Range(n, 8).Select(i => context.CallActivityAsync<int>("square", i)));
                await context.CreateTimer(TimeSpan.FromMilliseconds(20), CancellationToken.None);
                int[] children = await Task.WhenAll(Enumerable.Range(n, 3).Select(i => context.CallSubOrchestratorAsync<int>("child", i)));
                int chain = 2;
                for (int i = 0; i < 4; i++) chain = await context.CallActivityAsync<int>("square", chain % 100);
                return squares.Sum() + children.Sum() + chain;
            });
        // A lease that would outlast the test: only the operating system's word that a process is dead helps in time.
        DurableOptions options = new() { StorePath = store, HubName = "Tests", ActivityLease = TimeSpan.FromMinutes(10) };
        options = configure?.Invoke(options) ?? options;
        return new DurableEngine(options, registry, JsonDataConverter.Default, NullLoggerFactory.Instance, TimeProvider.System);
    }

    /// <summary>Only what runs in a process of its own may be hit by it.</summary>
    private static int Die()
    {
        using Process self = Process.GetCurrentProcess();
        if (Environment.GetCommandLineArgs().Contains(Switch)) self.Kill();
        throw new InvalidOperationException("The tests themselves must not run this.");
    }

    public static int Expected(int n)
    {
        int chain = 2;
        for (int i = 0; i < 4; i++) chain = chain % 100 * (chain % 100);
        return Enumerable.Range(n, 8).Sum(i => i * i) + Enumerable.Range(n, 3).Sum(i => i * i + 1) + chain;
    }

    public static async Task<int> Run(string store)
    {
        await using DurableEngine engine = Create(store);
        await engine.Start();
        Console.WriteLine("started");
        // The tests kill it; if they die themselves, standard input ends.
        await Console.In.ReadToEndAsync();
        return 0;
    }

    public static Process Start(string store)
    {
        ProcessStartInfo start = new(Environment.ProcessPath!, [Switch, store])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        Process process = Process.Start(start)!;
        process.BeginErrorReadLine();
        return process;
    }

    /// <summary>SIGKILL.</summary>
    public static async Task Kill(Process process)
    {
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }
}
