using System.Diagnostics;

namespace DataPlatform.Local.Runtime.Tests.Faults;

/// <summary>Whole hosts killed with SIGKILL at random moments while 100 orchestrations run.</summary>
public sealed class FaultTests(ITestOutputHelper output)
{
    private const int Instances = 100;

    [Fact]
    public async Task Killed_at_random_moments_all_orchestrations_end_right_and_no_effect_is_doubled()
    {
        Random random = FaultRounds.Random(output);
        await using FaultCluster cluster = new();
        int rounds = FaultRounds.Count(4, 20);
        for (int round = 0; round < rounds; round++)
        {
            // In every second round two hosts share the store, and one of them goes on.
            long began = Stopwatch.GetTimestamp();
            bool two = round % 2 == 1;
            TaskCompletionSource release = new();
            FaultHost first = await cluster.Start();
            FaultHost? second = two ? await cluster.Start() : null;
            Driver[] drivers = [.. Enumerable.Range(0, Instances).Select(i => new Driver(cluster, $"r{round}-{i}", i, random.Next(), release.Task))];
            Task all = Task.WhenAll(drivers.Select(driver => driver.Run()));

            if (round % 4 == 3)
            {
                // While they are being started.
                await Task.Delay(random.Next(200));
                await cluster.Kill(first);
                first = await cluster.Start();
            }

            // None can end before its last event, which waits for the release: all of them run when the host is killed.
            await Task.WhenAny(Task.WhenAll(drivers.Select(driver => driver.Started)), all);
            await Task.Delay(random.Next(700));
            int acknowledged = drivers.Sum(driver => driver.Acknowledged);
            await cluster.Kill(first);
            first = await cluster.Start();

            release.SetResult();
            await Task.Delay(random.Next(1200));
            int ended = drivers.Count(driver => driver.Ended);
            await cluster.Kill(second ?? first);
            second = await cluster.Start();

            await all;
            foreach (Driver driver in drivers) driver.Check();
            output.WriteLine(
                $"round {round + 1}{(two ? " (two hosts)" : "")}: {acknowledged} events acknowledged before the first kill, "
                + $"{Instances - ended} orchestrations running at the last, "
                + $"{Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s");
            await cluster.Kill(second);
            if (two) await cluster.Kill(first);
        }

        output.WriteLine($"{cluster.Unanswered} requests sent again, {cluster.Effects.CountRepeats()} activities run again");
        TurnInterval.AssertApart(cluster.ReadTurns());
    }

    /// <summary>Starts one orchestration, sends its events, and waits for its result.</summary>
    private sealed class Driver(FaultCluster cluster, string id, int number, int seed, Task release)
    {
        private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private long _result;

        public Task Started => _started.Task;

        public bool Ended { get; private set; }

        /// <summary>How many events were answered; none of them is sent again.</summary>
        public int Acknowledged { get; private set; }

        public async Task Run()
        {
            Random random = new(seed);
            await cluster.StartInstance(FaultOrchestrators.Everything, id, number);
            _started.SetResult();
            int[] ticks = [.. Enumerable.Range(0, FaultOrchestrators.Ticks)];
            random.Shuffle(ticks);
            foreach (int tick in ticks)
            {
                await Task.Delay(random.Next(400));
                await cluster.Raise(id, FaultOrchestrators.Tick, tick);
                Acknowledged++;
            }

            await release;
            await Task.Delay(random.Next(400));
            await cluster.Raise(id, FaultOrchestrators.Finish, 0);
            _result = await cluster.Result(id);
            Ended = true;
        }

        public void Check()
        {
            (long count, long sum) = cluster.Effects.Of(id);
            Assert.Equal((id, FaultOrchestrators.EffectsOfEverything), (id, count));
            Assert.Equal((id, sum + FaultOrchestrators.Ticks * FaultOrchestrators.TickWorth), (id, _result));
        }
    }
}
