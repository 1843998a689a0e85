using System.Globalization;
using DataPlatform.TestKit;

namespace DataPlatform.Bench;

/// <summary>
/// What a refresh of a mart of ten years of days, some 25 rows each, costs after one more percent of rows, as a share of computing it whole: by REST on a host over the folder
/// store. The rows are late ones of three days, or of all days. Beside it the same in DuckDB: the days computed into one more file; with rows of all days, everything again.
/// </summary>
internal static class RefreshBenchmark
{
    private const int WarmUps = 1;
    private const int Rounds = 5;
    private const int Laps = 20;
    private const int DaysPerLap = 181;
    private const long Percent = Laps * FlightsFiles.Rows / 100;

    private const string Query = "SELECT CAST(date AS DATE) AS day, distance // 100 AS band, count(*) AS flights, sum(delay) AS delay_sum, avg(delay) AS avg_delay, avg(distance) AS avg_distance";

    public static async Task<IReadOnlyList<Measurement>> RunAsync(string folder)
    {
        await using var host = await AppHost.StartAsync($"folder:{Path.Combine(folder, "data")}", Path.Combine(folder, "host"));
        var mart = new FlightsMart(host);
        await mart.SetUpAsync();
        List<string> files = [];
        for (var lap = 0; lap < Laps; lap++)
        {
            files.Add(Path.Combine(folder, $"flights-{lap}.parquet"));
            FlightsFiles.MakeNumbered(files[^1], lap * FlightsFiles.Rows, FlightsFiles.Rows);
            await mart.SendAsync(files[^1], FlightsFiles.Rows);
        }

        await mart.RefreshAsync("{}", "Computed whole: It had no data yet.");
        using var duckDb = new DuckDbPipeline(folder);
        List<double> full = [], fullThere = [], days = [], daysThere = [], spread = [];
        for (var round = 0; round < WarmUps + Rounds; round++)
        {
            var own = await mart.RefreshAsync("""{ "all": true }""", "Computed whole: It was asked for.");
            var there = await WriteAsync(duckDb, folder, files, condition: null);
            Note("whole", round, own, there, full, fullThere);

            var first = 300 + (round * 40);
            await LateAsync(first, 3);
            own = await mart.RefreshAsync("{}", "3 partitions computed again, the others kept.");
            there = await WriteAsync(duckDb, folder, files, $"date >= TIMESTAMP '2001-01-01' + to_days({first}) AND date < TIMESTAMP '2001-01-01' + to_days({first + 3})");
            Note("3 days", round, own, there, days, daysThere);
        }

        // Afterwards, since files with rows of all days have to be looked at whatever the days are.
        for (var round = 0; round < WarmUps + Rounds; round++)
        {
            await LateAsync(0, Laps * DaysPerLap);
            Note("all days", round, await mart.RefreshAsync("{}", "Computed whole: "), there: 0, spread, []);
        }

        await mart.EnsureEqualAsync();
        return
        [
            new("refresh.share", Share(days, full), "", Share(daysThere, fullThere), $"DuckDB {DuckDbBaseline.Version}, the days in one more file", "lower")
            {
                Note = Figures("late rows of 3 days", days, full),
            },
            new("refresh.spread", Share(spread, full), "", 1, "all computed again", "lower") { Note = Figures("late rows of all days", spread, full) },
        ];

        async Task LateAsync(int firstDay, int count)
        {
            files.Add(Path.Combine(folder, $"late-{files.Count}.parquet"));
            FlightsFiles.MakeLate(files[^1], Percent, firstDay, count);
            await mart.SendAsync(files[^1], Percent);
        }
    }

    private static Task<double> WriteAsync(DuckDbPipeline duckDb, string folder, List<string> files, string? condition) => duckDb.CopyAsync(
        $"{Query} FROM read_parquet([{string.Join(", ", files.Select(file => $"'{file}'"))}]){(condition is null ? "" : $" WHERE {condition}")} GROUP BY 1, 2 ORDER BY 1, 2",
        Path.Combine(folder, "mart.parquet"));

    private static double Share(List<double> part, List<double> whole) => Math.Round(Stopwatches.Median(part) / Stopwatches.Median(whole), 4);

    private static string Figures(string what, List<double> part, List<double> whole) =>
        string.Create(CultureInfo.InvariantCulture, $"({what}: {1000 * Stopwatches.Median(part):0} ms; whole: {1000 * Stopwatches.Median(whole):0} ms)");

    private static void Note(string what, int round, double own, double there, List<double> ours, List<double> theirs)
    {
        Console.WriteLine($"  refresh {what} {(round < WarmUps ? "warm-up" : $"round {round - WarmUps + 1}")}: {1000 * own:0} ms, baseline {1000 * there:0} ms");
        if (round < WarmUps)
            return;
        ours.Add(own);
        theirs.Add(there);
    }
}
