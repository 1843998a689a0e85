using System.Globalization;
using System.Text.Json;
using DataPlatform.Tables;
using DuckDB.NET.Data;

namespace DataPlatform.Bench;

/// <summary>
/// The newest snapshot, with the list of its files, of a table with 10,000 commits that the process does not know yet: a running process, the
/// log in the system's cache. Read are <c>_last_checkpoint</c>, the checkpoint and the commits behind it. Beside it DuckDB reads the same
/// columns of the same checkpoint and the same commits.
/// </summary>
internal static class DeltaSnapshotBenchmark
{
    private const int Commits = 10_000;
    private const int WarmUps = 20;
    private const int Rounds = 21;

    public static async Task<IReadOnlyList<Measurement>> RunAsync(string folder)
    {
        var name = new TableName(TableKind.Warehouse, "commits");
        var writer = SampleTable.Open(folder).Get(name);
        for (var number = 0; number < Commits; number++)
            await writer.CommitAsync(SampleTable.Append(number), CancellationToken.None);

        var log = Path.Combine(folder, name.Root.Value, "_delta_log");
        using var connection = new DuckDBConnection("Data Source=:memory:");
        connection.Open();
        List<double> own = [], baseline = [];
        for (var round = 0; round < WarmUps + Rounds; round++)
        {
            var there = await Stopwatches.SecondsAsync(() => Task.Run(() => ReadByDuckDb(connection, log)));
            var here = await Stopwatches.SecondsAsync(() => ReadAsync(folder, name));
            if (round is 0 or WarmUps)
                Console.WriteLine($"  delta-snapshot.10k {(round == 0 ? "first" : "warm")}: {1000 * here:0.0} ms, baseline {1000 * there:0.0} ms");
            if (round < WarmUps)
                continue;
            own.Add(1000 * here);
            baseline.Add(1000 * there);
        }

        return
        [
            new("delta-snapshot.10k", Math.Round(Stopwatches.Median(own), 2), "ms", Math.Round(Stopwatches.Median(baseline), 2), $"DuckDB {DuckDbBaseline.Version} reads the same log", "lower")
            {
                Note = $"(slowest {own.Max():0.0} ms; {Newer(log, LastCheckpoint(log)).Count} commits behind the checkpoint)",
            },
        ];
    }

    private static async Task ReadAsync(string folder, TableName name)
    {
        var snapshot = await SampleTable.Open(folder).Get(name).TryGetSnapshotAsync(version: null, CancellationToken.None);
        if (snapshot?.Version != Commits - 1 || snapshot.Files.Sum(file => file.Size) != Commits * SampleTable.FileBytes)
            throw new InvalidOperationException($"The table is at version {snapshot?.Version} with {snapshot?.Files.Count} files.");
    }

    private static void ReadByDuckDb(DuckDBConnection connection, string log)
    {
        var version = LastCheckpoint(log);
        var checkpoint = Path.Combine(log, $"{version:D20}.checkpoint.parquet");
        long files = 0, bytes = 0;
        Read($"SELECT add.path, add.size, add.modificationTime, add.stats, add.partitionValues FROM read_parquet('{checkpoint}') WHERE add.path IS NOT NULL");
        if (Newer(log, version) is { Count: > 0 } newer)
        {
            var list = string.Join(", ", newer.Select(file => $"'{file}'"));
            Read($"""
                SELECT add.path, add.size, add.modificationTime, add.stats, add.partitionValues
                FROM read_json([{list}], columns => {"{"}add: 'STRUCT(path VARCHAR, size BIGINT, modificationTime BIGINT, stats VARCHAR, partitionValues MAP(VARCHAR, VARCHAR))'{"}"})
                WHERE add.path IS NOT NULL
                """);
        }

        if (files != Commits || bytes != Commits * SampleTable.FileBytes)
            throw new InvalidOperationException($"DuckDB found {files} files with {bytes} bytes.");

        void Read(string sql)
        {
            using var command = connection.CreateCommand();
            command.CommandText = sql;
            using var reader = command.ExecuteReader();
            while (reader.Read())
            {
                _ = reader.GetString(0);
                bytes += reader.GetInt64(1);
                _ = reader.GetString(3);
                files++;
            }
        }
    }

    private static long LastCheckpoint(string log)
    {
        using var last = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(log, "_last_checkpoint")));
        return last.RootElement.GetProperty("version").GetInt64();
    }

    private static List<string> Newer(string log, long version)
    {
        List<string> files = [];
        while (Path.Combine(log, (++version).ToString("D20", CultureInfo.InvariantCulture) + ".json") is var file && File.Exists(file))
            files.Add(file);
        return files;
    }
}
