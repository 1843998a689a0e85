using System.Globalization;
using DataPlatform.Tables;

namespace DataPlatform.Bench;

/// <summary>
/// Commits to one Delta table in a folder, each a version of its own that appends a file's entry: by one writer, and by sixteen that race for
/// the versions as processes do, each with tables of its own that shares nothing with the others. Beside them the least that any writer
/// of such a log has to do, by system calls: a synced file that gets the next free name, and its folder synced.
/// </summary>
internal static class DeltaCommitBenchmark
{
    private const int Rounds = 5;
    private const string BaselineName = "synced files of the same size, put if absent by system calls";
    private static readonly int[] Writers = [1, 16];
    private static readonly TimeSpan Time = TimeSpan.FromSeconds(3);

    public static async Task<IReadOnlyList<Measurement>> RunAsync(string folder)
    {
        // The baseline's calls block: each writer has a thread from the start.
        ThreadPool.GetMinThreads(out _, out var completionThreads);
        ThreadPool.SetMinThreads(2 * Writers.Max(), completionThreads);

        List<Measurement> measurements = [];
        foreach (var writers in Writers)
        {
            List<MeasuredRound> own = [], baseline = [];
            for (var round = 0; round <= Rounds; round++)
            {
                var there = await ChainAsync(Path.Combine(folder, $"chain-{writers}-{round}"), writers);
                var here = await CommitAsync(Path.Combine(folder, $"tables-{writers}-{round}"), writers);
                Console.WriteLine($"  delta-commit.w{writers} {(round == 0 ? "warm-up" : $"round {round}")}: {here.PerSecond:0}/s, baseline {there.PerSecond:0}/s");
                if (round == 0)
                    continue;
                own.Add(here);
                baseline.Add(there);
            }

            var name = $"delta-commit.w{writers}";
            measurements.Add(new(name, MeasuredRound.MedianPerSecond(own), "/s", MeasuredRound.MedianPerSecond(baseline), BaselineName, "higher"));
            measurements.Add(new($"{name}.p99", MeasuredRound.Percentile(own, 0.99), "ms", MeasuredRound.Percentile(baseline, 0.99), BaselineName, "lower"));
        }

        return measurements;
    }

    private static async Task<MeasuredRound> CommitAsync(string folder, int writers)
    {
        var name = new TableName(TableKind.Warehouse, "commits");
        var tables = Enumerable.Range(0, writers).Select(_ => SampleTable.Open(folder).Get(name)).ToArray();
        var number = 0;
        var round = await ClosedLoop.RunAsync([.. tables.Select<DeltaTable, Func<Task>>(table => () =>
            table.CommitAsync(SampleTable.Append(Interlocked.Increment(ref number)), CancellationToken.None))], Time);

        // Each in a version of its own, and none lost.
        var snapshot = await SampleTable.Open(folder).Get(name).TryGetSnapshotAsync(version: null, CancellationToken.None);
        if (snapshot?.Version != number - 1 || snapshot.Files.Count != number)
            throw new InvalidOperationException($"After {number} commits the table is at version {snapshot?.Version} with {snapshot?.Files.Count} files.");
        Directory.Delete(folder, recursive: true);
        return round;
    }

    private static async Task<MeasuredRound> ChainAsync(string folder, int writers)
    {
        Directory.CreateDirectory(folder);
        var content = new byte[SampleTable.CommitBytes];
        var next = 0;
        var round = await ClosedLoop.RunAsync([.. Enumerable.Repeat<Func<Task>>(() =>
        {
            // Who finds the name taken tries the one behind it.
            for (var version = Volatile.Read(ref next); ; version++)
            {
                if (!SyncedFiles.TryCreate(Path.Combine(folder, version.ToString("D20", CultureInfo.InvariantCulture) + ".json"), content))
                    continue;
                Interlocked.CompareExchange(ref next, version + 1, version);
                return Task.CompletedTask;
            }
        }, writers)], Time);
        Directory.Delete(folder, recursive: true);
        return round;
    }
}
