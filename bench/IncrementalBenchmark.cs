using DataPlatform.TestKit;

namespace DataPlatform.Bench;

/// <summary>
/// What one more percent of the rows costs, as a share of the run that filled the table: the flights pipeline by REST on a host over the folder
/// store. Beside it the share in DuckDB, which writes the new rows to one more file and does not look whether their keys are there.
/// </summary>
internal static class IncrementalBenchmark
{
    private const int WarmUps = 2;
    private const int FullRounds = 5;
    private const int Rounds = 9;
    private const long Percent = FlightsFiles.Rows / 100;

    public static async Task<IReadOnlyList<Measurement>> RunAsync(string folder)
    {
        var flights = Path.Combine(folder, "flights.parquet");
        FlightsFiles.MakeNumbered(flights, 0, FlightsFiles.Rows);
        await using var host = await AppHost.StartAsync($"folder:{Path.Combine(folder, "data")}", Path.Combine(folder, "host"));
        using var duckDb = new DuckDbPipeline(folder);
        var pipeline = new FlightsPipeline(host);
        await pipeline.SetUpAsync();
        await pipeline.SendFlightsAsync(flights, FlightsFiles.Rows);

        List<double> full = [], fullThere = [], added = [], addedThere = [];
        for (var round = 0; round < WarmUps + FullRounds; round++)
        {
            await pipeline.DefineAsync($"full-{round}", $"full_{round}");
            var there = await duckDb.WriteAsync(flights, Path.Combine(folder, "table.parquet"));
            var own = await Stopwatches.SecondsAsync(() => pipeline.RunAsync($"full-{round}", FlightsFiles.Rows, replaced: 0));
            Note("full", round, own, there, full, fullThere);
        }

        for (var round = 0; round < WarmUps + Rounds; round++)
        {
            FlightsFiles.MakeNumbered(flights, FlightsFiles.Rows + (round * Percent), Percent);
            await pipeline.SendFlightsAsync(flights, Percent);
            var there = await duckDb.WriteAsync(flights, Path.Combine(folder, $"added-{round}.parquet"));
            var own = await Stopwatches.SecondsAsync(() => pipeline.RunAsync("full-0", Percent, replaced: 0));
            Note("1 %", round, own, there, added, addedThere);
        }

        return
        [
            new("incremental.share", Share(added, full), "", Share(addedThere, fullThere), $"{DuckDbPipeline.Name} in one more file", "lower")
            {
                Note = $"(1 % more rows: {1000 * Stopwatches.Median(added):0} ms; all: {1000 * Stopwatches.Median(full):0} ms)",
            },
        ];
    }

    private static double Share(List<double> part, List<double> whole) => Math.Round(Stopwatches.Median(part) / Stopwatches.Median(whole), 4);

    private static void Note(string what, int round, double own, double there, List<double> ours, List<double> theirs)
    {
        Console.WriteLine($"  incremental {what} {(round < WarmUps ? "warm-up" : $"round {round - WarmUps + 1}")}: {1000 * own:0} ms, baseline {1000 * there:0} ms");
        if (round < WarmUps)
            return;
        ours.Add(own);
        theirs.Add(there);
    }
}
