using System.Globalization;
using DataPlatform.Catalog;
using DataPlatform.Tables;
using Microsoft.Extensions.DependencyInjection;

namespace DataPlatform.Ingestion.Dedupe;

[Collection(MemoryCollection.Name)]
public sealed class DedupeMemoryTests(ITestOutputHelper output)
{
    private const int FileKeys = 200_000;
    private const int BatchKeys = 100_000;
    private const long Wanted = 100_000_000;
    private const long Bound = 256L << 20;
    private static readonly int Files = Environment.GetEnvironmentVariable("DATAPLATFORM_LONG") == "1" ? 100 : 10;

    [Fact]
    public async Task Looking_up_among_a_hundred_million_keys_stays_within_its_memory()
    {
        await using var bed = new BatchBed();
        var (files, key, hashes) = await GenerateAsync(bed);
        var keyFiles = bed.Services.GetRequiredService<KeyFiles>();
        await keyFiles.MarkAsync(Table, files.Take(1), key, hashes, new bool[BatchKeys], -1, default);

        var before = Settled();
        var cachedBefore = keyFiles.CachedBytes;
        var marked = new bool[BatchKeys];
        var peak = await PeakAsync(() => keyFiles.MarkAsync(Table, files, key, hashes, marked, -1, default)) - before;
        Assert.Equal(BatchKeys / 2, marked.Count(mark => mark));

        // What stays grows with the keys, by their filters; what goes does not.
        var kept = Settled() - before;
        var keys = (long)Files * FileKeys;
        var perKey = (double)keyFiles.CachedBytes / keys;
        var forWanted = (perKey * Wanted) + Math.Max(0, peak - (keyFiles.CachedBytes - cachedBefore));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{keys} keys: filters {keyFiles.CachedBytes >> 10} KiB ({perKey * 8:0.00} bits a key), kept {kept >> 10} KiB, peak {peak >> 10} KiB; {Wanted} keys: {forWanted / (1 << 20):0} MiB"));
        Assert.InRange(kept, long.MinValue, keyFiles.CachedBytes + (4 << 20)); // What earlier tests left may go meanwhile.
        Assert.InRange(forWanted, 1, Bound);
        Assert.InRange(perKey * Wanted, 1, new PlatformOptions().KeyFilterBytes);
    }

    [Fact]
    public async Task Filters_beyond_their_budget_are_read_again()
    {
        await using var bed = new BatchBed(configure: options => options.KeyFilterBytes = 1 << 20);
        var (files, key, hashes) = await GenerateAsync(bed);
        var keyFiles = bed.Services.GetRequiredService<KeyFiles>();
        for (var turn = 0; turn < 2; turn++)
        {
            var marked = new bool[BatchKeys];
            var holding = await keyFiles.MarkAsync(Table, files, key, hashes, marked, -1, default);
            Assert.Equal((BatchKeys / 2, Files), (marked.Count(mark => mark), holding.Count));
            Assert.InRange(keyFiles.CachedBytes, 1, 1 << 20);
        }
    }

    private static TableName Table => new(TableKind.Dataset, "things");

    /// <summary>Key files of data files that are not there: nothing may want to write them anew. Every second hash given is in one of them.</summary>
    private static async Task<(IReadOnlyList<DataFile> Files, KeyColumns Key, UInt128[] Hashes)> GenerateAsync(BatchBed bed)
    {
        await bed.DefineAsync("things", DedupeTests.Contract);
        var definition = (await bed.Services.GetRequiredService<CatalogStore>().GetAsync<DatasetDefinition>("things", default)).Definition;
        var key = new KeyColumns(definition);
        var random = new Random(1);
        List<DataFile> files = [];
        var hashes = KeyFileTests.Hashes(random, BatchKeys);
        var taken = 0;
        for (var i = 0; i < Files; i++)
        {
            var file = new DataFile($"part-{i}.parquet", 1, DataFile.NoPartition, 0, null);
            var keys = KeyFileTests.Hashes(random, FileKeys);
            var step = FileKeys / (BatchKeys / 2 / Files);
            for (var at = 0; at < FileKeys; at += step, taken += 2)
                hashes[taken] = keys[at];
            await KeyFileWriter.WriteAsync(bed.Objects, KeyFiles.Locate(Table, file, key), keys, new[] { 1L }, default);
            files.Add(file);
        }

        Assert.Equal(BatchKeys, taken);
        return (files, key, hashes);
    }

    /// <summary>What is in use when finalizers, too, have let go of what they held.</summary>
    private static long Settled()
    {
        var last = long.MaxValue;
        for (var now = GC.GetTotalMemory(forceFullCollection: true); now < last; now = GC.GetTotalMemory(forceFullCollection: true))
        {
            last = now;
            GC.WaitForPendingFinalizers();
        }

        return last;
    }

    private static async Task<long> PeakAsync(Func<Task> work)
    {
        var peak = 0L;
        using var stop = new CancellationTokenSource();
        var watch = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                peak = Math.Max(peak, GC.GetTotalMemory(forceFullCollection: false));
                stop.Token.WaitHandle.WaitOne(2);
            }
        });
        await Task.Run(work);
        await stop.CancelAsync();
        await watch;
        return Math.Max(peak, GC.GetTotalMemory(forceFullCollection: false));
    }
}
