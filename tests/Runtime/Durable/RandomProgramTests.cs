using System.Collections.Concurrent;
using Grpc.Core;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace DataPlatform.Local.Runtime.Tests.Durable;

public sealed class RandomProgramTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Random_orchestrations_come_out_as_worked_out_also_when_suspended_at_random()
    {
        int seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        Random random = new(seed);
        ConcurrentDictionary<string, int> attempts = new();
        Harness? running = null;
        await using Harness host = running = await Harness.Start(registry => registry
            .Activity<int, int>("same", value => value)
            .Activity<int, int>("fail", value => throw new InvalidOperationException($"{value}"))
            .Activity<string[], int>("flaky", input =>
                attempts.AddOrUpdate(input[0], 1, (_, count) => count + 1) < 3 ? throw new IOException("again") : int.Parse(input[1]))
            .ActivityAsync<string[], int>("raise", async (input, cancellation) =>
            {
                await running!.Client.RaiseEventAsync(input[0], input[1], int.Parse(input[2]), cancellation);
                return 0;
            })
            .Orchestrator("program", context => context.GetInput<RandomProgram>()!.Run(context, ""))
            .Orchestrator("again", async context =>
            {
                RandomProgram input = context.GetInput<RandomProgram>()!;
                if (input.Kind == "first")
                {
                    await context.CreateTimer(TimeSpan.FromMilliseconds(2), CancellationToken.None);
                    context.ContinueAsNew(input.Parts[0]);
                    return 0;
                }

                return await input.Run(context, "");
            }));
        RandomProgram[] programs = [.. Enumerable.Range(0, Environment.GetEnvironmentVariable("DATAPLATFORM_LONG") == "1" ? 1000 : 40)
            .Select(_ => RandomProgram.Create(random, 4))];
        string[] ids = new string[programs.Length];
        for (int i = 0; i < programs.Length; i++)
            ids[i] = await host.Client.ScheduleNewOrchestrationInstanceAsync("program", programs[i]);

        using CancellationTokenSource done = new();
        Task chaos = Disturb(host, ids, new Random(seed), done.Token);
        for (int i = 0; i < programs.Length; i++)
        {
            OrchestrationMetadata ended = await host.End(ids[i]);
            Assert.Equal((i, OrchestrationRuntimeStatus.Completed, null), (i, ended.RuntimeStatus, ended.FailureDetails?.ErrorMessage));
            Assert.Equal((i, programs[i].Expected()), (i, ended.ReadOutputAs<int>()));
        }

        await done.CancelAsync();
        await chaos;
    }

    private static async Task Disturb(Harness host, string[] ids, Random random, CancellationToken done)
    {
        while (!done.IsCancellationRequested)
        {
            string id = ids[random.Next(ids.Length)];
            try
            {
                await host.Client.SuspendInstanceAsync(id, done);
                await Task.Delay(random.Next(5), CancellationToken.None);
                await host.Client.ResumeInstanceAsync(id, CancellationToken.None);
            }
            catch (Exception exception) when (exception is RpcException or OperationCanceledException)
            {
                // It has ended, or the test has.
            }

            await Task.Delay(1, CancellationToken.None);
        }
    }
}
