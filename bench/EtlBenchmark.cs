using System.Globalization;
using DataPlatform.TestKit;

namespace DataPlatform.Bench;

/// <summary>
/// The flights pipeline by REST on a host over the folder store, from the request to the answer that the run has ended: 3,000,000 flights joined
/// with airports and merged by key. <c>etl.folder.load</c> fills a table; <c>etl.folder</c> merges as many rows into it, half of which
/// replace others. Each round has a table of its own; rounds take turns with DuckDB.
/// </summary>
internal static class EtlBenchmark
{
    private const int WarmUps = 2;
    private const int Rounds = 5;
    private const long Half = FlightsFiles.Rows / 2;

    public static async Task<IReadOnlyList<Measurement>> RunAsync(string folder)
    {
        var (first, second) = (Path.Combine(folder, "first.parquet"), Path.Combine(folder, "second.parquet"));
        FlightsFiles.MakeNumbered(first, 0, FlightsFiles.Rows);
        FlightsFiles.MakeNumbered(second, Half, FlightsFiles.Rows, delay: 1);

        await using var host = await AppHost.StartAsync($"folder:{Path.Combine(folder, "data")}", Path.Combine(folder, "host"));
        using var duckDb = new DuckDbPipeline(folder);
        var (table, merged) = (Path.Combine(folder, "table.parquet"), Path.Combine(folder, "merged.parquet"));
        var pipeline = new FlightsPipeline(host);
        await pipeline.SetUpAsync();
        for (var round = 0; round < WarmUps + Rounds; round++)
            await pipeline.DefineAsync(NameOf("etl-", round), NameOf("fact_", round));

        // The rows of the second half come when every table is filled: each round then merges them into the same.
        await pipeline.SendFlightsAsync(first, FlightsFiles.Rows);
        var load = await CompareAsync(
            "etl.folder.load",
            round => pipeline.RunAsync(NameOf("etl-", round), FlightsFiles.Rows, replaced: 0),
            () => duckDb.WriteAsync(first, table),
            "(3,000,000 rows, join, into an empty table)");
        await pipeline.SendFlightsAsync(second, FlightsFiles.Rows);
        var merge = await CompareAsync(
            "etl.folder",
            round => pipeline.RunAsync(NameOf("etl-", round), FlightsFiles.Rows, replaced: Half),
            () => duckDb.MergeAsync(second, table, merged),
            "(3,000,000 rows, join, merge into 3,000,000, half of them replaced)");

        if (await pipeline.SumAsync(NameOf("fact_", WarmUps)) is var ours && duckDb.Sum(merged) is var theirs && ours != theirs)
            throw new InvalidOperationException($"Rows, delays and states are {ours}; DuckDB has {theirs}.");
        return [merge, load];
    }

    private static async Task<Measurement> CompareAsync(string name, Func<int, Task> run, Func<Task<double>> baseline, string note)
    {
        List<double> ours = [], baselines = [];
        for (var round = 0; round < WarmUps + Rounds; round++)
        {
            var there = await baseline();
            var own = await Stopwatches.SecondsAsync(() => run(round));
            Console.WriteLine($"  {name} {(round < WarmUps ? "warm-up" : $"round {round - WarmUps + 1}")}: {own:0.00} s, baseline {there:0.00} s");
            if (round < WarmUps)
                continue;
            ours.Add(own);
            baselines.Add(there);
        }

        return new Measurement(name, Math.Round(Stopwatches.Median(ours), 3), "s", Math.Round(Stopwatches.Median(baselines), 3), DuckDbPipeline.Name, "lower")
        {
            Note = note,
        };
    }

    private static string NameOf(string prefix, int round) => prefix + round.ToString(CultureInfo.InvariantCulture);
}
