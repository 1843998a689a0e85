using DataPlatform.Lake;
using DataPlatform.TestKit;

namespace DataPlatform.Ingestion.Dedupe;

public sealed class KeyFileTests
{
    private static readonly LakePath Path = LakePath.Parse("lake/tables/things/_keys/0/a.parquet.keys");

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(170)]
    [InlineData(171)]
    [InlineData(20_000)]
    public async Task Every_key_is_found_with_its_time_and_no_other(int keys)
    {
        using var store = new TestStore();
        var random = new Random(keys);
        var hashes = Hashes(random, keys);
        var times = hashes.Select((_, i) => (long)i * 7).ToArray();
        await KeyFileWriter.WriteAsync(store.Objects, Path, hashes, times, default);

        var filter = new KeyFilter(keys);
        foreach (var hash in hashes)
            filter.Add(hash);
        var local = store.Objects.TryGetLocalFile(Path)!;
        var file = new KeyFile(Path, keys, filter, KeyFile.PagesFor(keys), new FileInfo(local).Length);
        using var pages = KeyPages.Open(file, local);
        var order = Enumerable.Range(0, keys).ToArray();
        random.Shuffle(order);
        foreach (var i in order.Concat(Enumerable.Range(0, keys)))
            Assert.Equal(times[i], pages.Find(hashes[i]));
        foreach (var hash in Hashes(random, 2000).Concat([UInt128.One, UInt128.MaxValue]))
            Assert.Null(pages.Find(hash));
    }

    [Fact]
    public void The_filter_knows_every_key_and_takes_few_others_for_one()
    {
        const int Keys = 100_000;
        var random = new Random(7);
        var filter = new KeyFilter(Keys);
        var hashes = Hashes(random, Keys);
        foreach (var hash in hashes)
            filter.Add(hash);
        Assert.All(hashes, hash => Assert.True(filter.MayContain(hash)));
        Assert.InRange(Hashes(random, Keys).Count(filter.MayContain), Keys / 1000, Keys / 60);
        Assert.InRange(filter.Bytes.Length, Keys * 10 / 8, (Keys * 10 / 8) + 32);
    }

    [Fact]
    public async Task A_changed_byte_anywhere_in_a_page_is_noticed()
    {
        using var store = new TestStore();
        var hashes = Hashes(new Random(3), 20);
        await KeyFileWriter.WriteAsync(store.Objects, Path, hashes, new[] { 5L }, default);
        var local = store.Objects.TryGetLocalFile(Path)!;
        var content = await File.ReadAllBytesAsync(local);
        var file = new KeyFile(Path, 20, new KeyFilter(20), 1, content.Length);
        for (var at = (int)file.PagesAt; at < content.Length; at++)
        {
            if (at - file.PagesAt is >= 4 and < 8)
                continue; // means nothing
            content[at] ^= 4;
            await File.WriteAllBytesAsync(local, content);
            content[at] ^= 4;
            using var pages = KeyPages.Open(file, local);
            Assert.Throws<KeyFileException>(() => pages.Find(hashes[3]));
        }
    }

    internal static UInt128[] Hashes(Random random, int count)
    {
        var hashes = new UInt128[count];
        for (var i = 0; i < count; i++)
            hashes[i] = new UInt128((ulong)random.NextInt64(long.MinValue, long.MaxValue), (ulong)random.NextInt64(long.MinValue, long.MaxValue));
        Array.Sort(hashes);
        return hashes;
    }
}
