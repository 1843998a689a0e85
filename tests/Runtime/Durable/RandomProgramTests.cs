using System.Collections.Concurrent;
using DataPlatform.Local.Runtime.Durable;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace DataPlatform.Local.Runtime.Tests.Durable;

public sealed class RandomProgramTests(ITestOutputHelper output)
{
    private static readonly int Programs = Environment.GetEnvironmentVariable("DATAPLATFORM_LONG") == "1" ? 1000 : 40;

    private readonly ConcurrentDictionary<string, int> _attempts = new();
    private volatile Harness? _running;

    /// <param name="cacheBytes">0 reads each history anew at each turn.</param>
    [Theory]
    [InlineData(64 * 1024 * 1024)]
    [InlineData(20_000)]
    [InlineData(0)]
    public async Task Random_orchestrations_come_out_as_worked_out_also_when_suspended_at_random(long cacheBytes)
    {
        Random random = Seeded(out int seed);
        await using Harness host = _running = await Harness.Start(Register, configure: options => options with { CacheBytes = cacheBytes });
        (string[] ids, RandomProgram[] programs) = await Schedule(random);

        using CancellationTokenSource done = new();
        Task chaos = Disturb(ids, new Random(seed), done.Token);
        await Check(host, ids, programs);
        await done.CancelAsync();
        await chaos;
    }

    [Fact]
    public async Task Random_orchestrations_come_out_also_when_processes_come_and_go_and_are_taken_for_dead()
    {
        Random random = Seeded(out int seed);
        using TempFolder folder = new();
        Task<Harness> Start() => Harness.Start(
            Register,
            configure: options => options with
            {
                PollInterval = TimeSpan.FromMilliseconds(30),
                SharedPollInterval = TimeSpan.FromMilliseconds(5),
                MaxConcurrentActivities = 3,
                CacheBytes = 50_000,
            },
            path: folder.File("durable.db"));
        await using Harness steady = _running = await Start();
        (string[] ids, RandomProgram[] programs) = await Schedule(random);

        using CancellationTokenSource done = new();
        Task chaos = Disturb(ids, new Random(seed), done.Token);
        Task others = ComeAndGo(Start, new Random(seed + 1), done.Token);
        await Check(steady, ids, programs);
        await done.CancelAsync();
        await Task.WhenAll(chaos, others);
    }

    private static async Task ComeAndGo(Func<Task<Harness>> start, Random random, CancellationToken done)
    {
        while (!done.IsCancellationRequested)
        {
            await using Harness other = await start();
            await Task.Delay(random.Next(20, 120), CancellationToken.None);
            // Without its lock the others take its work over, while it goes on with it.
            if (random.Next(2) == 0) File.Delete(Path.Combine(other.Options.StorePath + ".owners", other.Engine.OwnerId + ".lock"));
            await Task.Delay(random.Next(20, 120), CancellationToken.None);
        }
    }

    private static async Task Check(Harness host, string[] ids, RandomProgram[] programs)
    {
        for (int i = 0; i < programs.Length; i++)
        {
            OrchestrationMetadata ended = await host.End(ids[i]);
            Assert.Equal((i, OrchestrationRuntimeStatus.Completed, null), (i, ended.RuntimeStatus, ended.FailureDetails?.ErrorMessage));
            Assert.Equal((i, programs[i].Expected()), (i, ended.ReadOutputAs<int>()));
        }

        using SqliteSession session = new(host.Options.StorePath);
        Assert.Equal(0L, session.Scalar("SELECT (SELECT COUNT(*) FROM inbox) + (SELECT COUNT(*) FROM activities)"));
    }

    private Random Seeded(out int seed)
    {
        seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        return new Random(seed);
    }

    private void Register(TaskRegistry registry) => registry
        .Activity<int, int>("same", value => value)
        .Activity<int, int>("fail", value => throw new InvalidOperationException($"{value}"))
        .Activity<string[], int>("flaky", input =>
            _attempts.AddOrUpdate(input[0], 1, (_, count) => count + 1) < 3 ? throw new IOException("again") : int.Parse(input[1]))
        .ActivityAsync<string[], int>("raise", async (input, cancellation) =>
        {
            await _running!.Client.RaiseEventAsync(input[0], input[1], int.Parse(input[2]), cancellation);
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
        });

    private async Task<(string[] Ids, RandomProgram[] Programs)> Schedule(Random random)
    {
        RandomProgram[] programs = [.. Enumerable.Range(0, Programs).Select(_ => RandomProgram.Create(random, 4))];
        string[] ids = new string[programs.Length];
        for (int i = 0; i < programs.Length; i++)
            ids[i] = await _running!.Client.ScheduleNewOrchestrationInstanceAsync("program", programs[i]);
        return (ids, programs);
    }

    private async Task Disturb(string[] ids, Random random, CancellationToken done)
    {
        while (!done.IsCancellationRequested)
        {
            string id = ids[random.Next(ids.Length)];
            try
            {
                await _running!.Client.SuspendInstanceAsync(id, cancellation: done);
                await Task.Delay(random.Next(5), CancellationToken.None);
                await _running.Client.ResumeInstanceAsync(id, cancellation: CancellationToken.None);
            }
            catch (Exception exception) when (exception is Grpc.Core.RpcException or OperationCanceledException)
            {
                // It has ended, or the test has.
            }

            await Task.Delay(1, CancellationToken.None);
        }
    }
}
