using System.Text;
using DataPlatform.TestKit;

namespace DataPlatform.Bench;

/// <summary>
/// Batches of 10,000 NDJSON rows, one after another, each answered when it is durable and its receipt can be read; beside it PostgreSQL
/// takes the same rows by <c>COPY</c> into a typed table, committed and synced for each batch. In turns on one disk.
/// </summary>
internal static class SmallBatchBenchmark
{
    private const int Rows = 10_000;
    private const int Bodies = 8;
    private const int WarmUps = 2;
    private const int Rounds = 7;
    private static readonly TimeSpan Time = TimeSpan.FromSeconds(3);

    public static async Task<IReadOnlyList<Measurement>> RunAsync(string folder)
    {
        await using var postgres = await PostgresServer.StartAsync(Path.Combine(folder, "postgres"));
        await using var host = await AppHost.StartAsync($"folder:{Path.Combine(folder, "data")}", Path.Combine(folder, "host"));
        var table = new ReadingsTable(host, postgres);
        await table.CreateAsync();
        List<Measurement> measurements = [];
        foreach (var connections in (int[])[1, 4])
            measurements.Add(await CompareAsync(connections == 1 ? "ndjson-10k" : $"ndjson-10k.c{connections}", table, postgres.Version, connections));
        await table.CheckAsync();
        return measurements;
    }

    private static async Task<Measurement> CompareAsync(string name, ReadingsTable table, string version, int connections)
    {
        // Made before: neither side waits for the benchmark.
        var ndjson = Enumerable.Range(0, Bodies).Select(body => Encoding.UTF8.GetBytes(Text(body, ReadingsTable.JsonOf))).ToArray();
        var csv = Enumerable.Range(0, Bodies).Select(body => Text(body, ReadingsTable.CsvOf)).ToArray();
        var next = 0;
        var ours = Enumerable.Repeat<Func<Task>>(() => table.PostRowsAsync(ndjson[Interlocked.Increment(ref next) % Bodies], Rows), connections).ToArray();
        var opened = await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => table.ConnectAsync()));
        var theirs = opened.Select<Npgsql.NpgsqlConnection, Func<Task>>(connection => () => table.CopyAsync(connection, csv[Interlocked.Increment(ref next) % Bodies], Rows)).ToArray();

        List<double> own = [], baseline = [];
        for (var round = 0; round < WarmUps + Rounds; round++)
        {
            var there = Rows * (await ClosedLoop.RunAsync(theirs, Time)).PerSecond;
            var here = Rows * (await ClosedLoop.RunAsync(ours, Time)).PerSecond;
            Console.WriteLine($"  {name} {(round < WarmUps ? "warm-up" : $"round {round - WarmUps + 1}")}: {here:0} rows/s, baseline {there:0} rows/s");
            if (round < WarmUps)
                continue;
            own.Add(here);
            baseline.Add(there);
        }

        foreach (var connection in opened)
            await connection.DisposeAsync();
        return new Measurement(name, Math.Round(Stopwatches.Median(own)), "/s", Math.Round(Stopwatches.Median(baseline)), $"{version} COPY", "higher")
        {
            Note = $"(rows, {Rows:N0} a batch, {ndjson[0].Length / 1e6:0.0} MB of NDJSON, {connections} at once)",
        };
    }

    private static string Text(int body, Func<long, string> row) =>
        string.Concat(Enumerable.Range(0, Rows).Select(i => row(((long)body * Rows) + i) + "\n"));
}
