using DataPlatform.Lake;
using DataPlatform.Tables;
using DataPlatform.Tables.Protocol;
using DataPlatform.TestKit;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.Logging.Abstractions;
using static DataPlatform.Platform.Tests.Tables.Changes;

namespace DataPlatform.Platform.Tests.Tables;

/// <summary>Two processes at one table, over a store that loses requests and answers.</summary>
public sealed class DeltaProperties
{
    private static readonly Gen<Step> Steps =
        from process in Gen.Choose(0, 1)
        from batch in Gen.Choose(0, 15)
        from kind in Gen.Frequency((6, Gen.Constant(Kind.Append)), (1, Gen.Constant(Kind.Overwrite)), (2, Gen.Constant(Kind.Replace)))
        from loss in Gen.Frequency((8, Gen.Constant(Loss.None)), (1, Gen.Constant(Loss.Request)), (1, Gen.Constant(Loss.Answer)))
        select new Step(process, batch, kind, loss);

    [Fact]
    public void Every_batch_lands_once_and_the_snapshot_is_the_replay_of_the_log() => Prop
        .ForAll(Steps.ListOf(25).ToArbitrary(), steps => RunAsync(steps).GetAwaiter().GetResult())
        .Check(Config.QuickThrowOnFailure.WithMaxTest(25));

    private static async Task RunAsync(IReadOnlyList<Step> steps)
    {
        using var store = new TestStore();
        var losses = steps.Select(step => step.Loss).ToArray();
        var processes = Enumerable.Range(0, 2)
            .Select(_ => new LosingObjectStore(store.Objects) { OnPut = number => losses[number % losses.Length] })
            .Select(objects => new DeltaTables(objects, TimeProvider.System, NullLoggerFactory.Instance).Get(Flights))
            .ToArray();

        // All at once: the same batch may come several times, to both processes.
        var outcomes = await Task.WhenAll(steps.Select(step => Task.Run(() => CommitAsync(processes[step.Process], step))));

        var log = new DeltaLog(Flights, store.Objects);
        var entries = await log.ReadAsync(-1, long.MaxValue, CancellationToken.None).ToListAsync();
        Assert.Equal(Enumerable.Range(0, entries.Count), entries.Select(entry => (int)entry.Version));

        var committed = entries.SelectMany(entry => entry.Commit.Batches).Select(batch => batch.Id).ToList();
        Assert.Equal(committed.Distinct().Order(), committed.Order());
        Assert.Equal(steps.Select(step => $"b{step.Batch}").Distinct().Order(), committed.Order());
        foreach (var (step, commit) in steps.Zip(outcomes))
            Assert.Contains(entries[(int)commit.Version].Commit.Batches, batch => batch.Id == $"b{step.Batch}");

        // The plainest reading of the protocol.
        var files = new List<string>();
        foreach (var entry in entries)
        {
            files.RemoveAll(entry.Commit.Removed.Select(file => file.Path).Contains);
            files.AddRange(entry.Commit.Added.Select(file => file.Path));
        }

        foreach (var table in processes)
        {
            var snapshot = await table.TryGetSnapshotAsync(null, CancellationToken.None);
            Assert.Equal(files, snapshot!.Files.Select(file => file.Path));
            Assert.Equal(entries.Count - 1, snapshot.Version);
        }

        var times = entries.Select(entry => entry.Commit.Timestamp).ToList();
        Assert.Equal(times.Distinct().Order(), times);
    }

    private static async Task<Commit> CommitAsync(DeltaTable table, Step step)
    {
        var change = AppendBatch($"b{step.Batch}");
        if (step.Kind == Kind.Overwrite)
            change = change with { RemoveAll = true };
        while (true)
        {
            try
            {
                if (step.Kind == Kind.Replace)
                {
                    // A merge: replaces the oldest file of the version it read.
                    var snapshot = await table.TryGetSnapshotAsync(null, CancellationToken.None);
                    change = change with { ReadVersion = snapshot?.Version ?? -1, Remove = [.. snapshot?.Files.Take(1).Select(file => file.Path) ?? []] };
                }

                return await table.CommitAsync(change, CancellationToken.None);
            }
            catch (CommitConflictException)
            {
                // Compute again.
            }
        }
    }

    private enum Kind
    {
        Append,
        Overwrite,
        Replace,
    }

    private sealed record Step(int Process, int Batch, Kind Kind, Loss Loss);
}
