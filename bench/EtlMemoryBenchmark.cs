using DataPlatform.TestKit;

namespace DataPlatform.Bench;

/// <summary>
/// The most memory that a fresh host takes for the flights pipeline, ingestion included: 30,000,000 rows beside 3,000,000, each within the
/// limits of a Flex Consumption instance of 2 GB, which end the process that exceeds them. Once as it is, once with a quarter of the memory for SQL.
/// </summary>
internal static class EtlMemoryBenchmark
{
    private const int Times = 10;

    public static async Task<IReadOnlyList<Measurement>> RunAsync(string folder) =>
        [await CompareAsync(folder, "etl.memory", sqlMegabytes: 1024), await CompareAsync(folder, "etl.memory.256", sqlMegabytes: 256)];

    private static async Task<Measurement> CompareAsync(string folder, string name, int sqlMegabytes)
    {
        var small = await PeakAsync(folder, 1, name, sqlMegabytes);
        var large = await PeakAsync(folder, Times, name, sqlMegabytes);
        return new(name, large.Memory, "MB", small.Memory, "the same with a tenth of the rows", "lower")
        {
            Note = $"({Times * FlightsFiles.Rows:N0} rows, --like flex, SqlMemoryBytes {sqlMegabytes} MB; scratch files at most {large.Scratch:0} MB and {small.Scratch:0} MB)",
        };
    }

    private static async Task<(double Memory, double Scratch)> PeakAsync(string folder, int times, string name, int sqlMegabytes)
    {
        var (data, work) = (Path.Combine(folder, $"data-{times}"), Path.Combine(folder, $"host-{times}"));
        try
        {
            var settings = new Dictionary<string, string> { ["like"] = "flex", ["DataPlatform__SqlMemoryBytes"] = $"{(long)sqlMegabytes << 20}" };
            await using var host = await AppHost.StartAsync($"folder:{data}", work, settings);
            using var scratch = new FolderWatch(Path.Combine(work, "scratch"));
            var pipeline = new FlightsPipeline(host);
            await pipeline.SetUpAsync();
            var flights = Path.Combine(folder, "flights.parquet");
            for (var lap = 0; lap < times; lap++)
            {
                FlightsFiles.MakeNumbered(flights, lap * FlightsFiles.Rows, FlightsFiles.Rows);
                await pipeline.SendFlightsAsync(flights, FlightsFiles.Rows);
            }

            var ingestion = ProcessMemory.PeakMegabytes(host.ProcessId);
            await pipeline.DefineAsync("etl", "fact", parallel: true);
            var seconds = await Stopwatches.SecondsAsync(() => pipeline.RunAsync("etl", times * FlightsFiles.Rows, replaced: 0));
            var peak = ProcessMemory.PeakMegabytes(host.ProcessId);
            if (await pipeline.SumAsync("fact") is var (rows, _, _) && rows != times * FlightsFiles.Rows)
                throw new InvalidOperationException($"The table has {rows} rows instead of {times * FlightsFiles.Rows}.");
            Console.WriteLine($"  {name}, {times * FlightsFiles.Rows:N0} rows: {peak:0} MB ({ingestion:0} MB by ingestion), {seconds:0.0} s, scratch files {scratch.PeakMegabytes:0} MB");
            return (Math.Round(peak, 1), scratch.PeakMegabytes);
        }
        finally
        {
            Directory.Delete(data, recursive: true);
            Directory.Delete(work, recursive: true);
        }
    }
}
