using DataPlatform.TestKit;

namespace DataPlatform.Bench;

/// <summary>
/// One row a request, each answered when it is durable: here the raw body, the data file, the commit and their folders are synced; beside it
/// PostgreSQL commits an <c>INSERT</c>. At 1, 16 and 64 connections, in turns on one disk.
/// </summary>
internal static class SinglePostBenchmark
{
    private const int Rounds = 5;
    private static readonly int[] Connections = [1, 16, 64];
    private static readonly TimeSpan Time = TimeSpan.FromSeconds(3);

    public static async Task<IReadOnlyList<Measurement>> RunAsync(string folder)
    {
        await using var postgres = await PostgresServer.StartAsync(Path.Combine(folder, "postgres"));
        await using var host = await AppHost.StartAsync($"folder:{Path.Combine(folder, "data")}", Path.Combine(folder, "host"));
        var table = new ReadingsTable(host, postgres);
        await table.CreateAsync();
        var inserters = await Task.WhenAll(Enumerable.Range(0, Connections.Max()).Select(_ => table.InserterAsync()));

        List<Measurement> measurements = [];
        foreach (var connections in Connections)
        {
            measurements.AddRange(await CompareAsync(
                $"single-post.c{connections}",
                $"{postgres.Version} INSERT",
                [.. Enumerable.Repeat<Func<Task>>(table.PostRowAsync, connections)],
                inserters[..connections]));
        }

        await table.CheckAsync();
        return measurements;
    }

    private static async Task<List<Measurement>> CompareAsync(string name, string baselineName, Func<Task>[] ours, Func<Task>[] theirs)
    {
        List<MeasuredRound> own = [], baseline = [];
        for (var round = 0; round <= Rounds; round++)
        {
            var there = await ClosedLoop.RunAsync(theirs, Time);
            var here = await ClosedLoop.RunAsync(ours, Time);
            Console.WriteLine($"  {name} {(round == 0 ? "warm-up" : $"round {round}")}: {here.PerSecond:0}/s, baseline {there.PerSecond:0}/s");
            if (round == 0)
                continue;
            own.Add(here);
            baseline.Add(there);
        }

        return
        [
            new(name, MeasuredRound.MedianPerSecond(own), "/s", MeasuredRound.MedianPerSecond(baseline), baselineName, "higher"),
            new($"{name}.p50", MeasuredRound.Percentile(own, 0.5), "ms", MeasuredRound.Percentile(baseline, 0.5), baselineName, "lower"),
            new($"{name}.p99", MeasuredRound.Percentile(own, 0.99), "ms", MeasuredRound.Percentile(baseline, 0.99), baselineName, "lower"),
        ];
    }
}
