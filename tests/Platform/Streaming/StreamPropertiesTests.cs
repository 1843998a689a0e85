using DataPlatform.Ingestion;
using FsCheck;
using FsCheck.Fluent;

namespace DataPlatform.Streaming;

/// <summary>However events come again, and whoever takes them, each is in its table once.</summary>
public sealed class StreamPropertiesTests
{
    [Fact]
    public void Redelivery_with_shifted_bounds_by_several_readers_doubles_nothing() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(8), Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed => RedeliverAsync(new Random(seed)).GetAwaiter().GetResult()));

    private static async Task RedeliverAsync(Random random)
    {
        await using var first = new StreamBed();
        await using var other = new StreamBed(new BatchBed(folder: Directory.GetParent(first.Bed.StoreFolder)!.FullName, clock: first.Bed.Clock));
        await first.Bed.DefineAsync("things");
        await first.Bed.DefineAsync("latest", BatchBed.Contract.Replace("] }", "], \"writeDisposition\": \"merge\", \"key\": [\"id\"] }", StringComparison.Ordinal));
        var count = random.Next(20, 80);
        var events = Enumerable.Range(0, count).Select(i => random.Next(4) switch
        {
            0 => StreamBed.Event(i, "latest", $"{{\"id\": {i % 3}, \"name\": \"n{i}\"}}"),
            1 => StreamBed.Event(i, "things", random.Next(3) == 0 ? "{}" : null),
            _ => StreamBed.Event(i, "things"),
        }).ToList();

        // Each reader goes through the partition, and now and then back to where it was: as without a checkpoint.
        await Task.WhenAll(new[] { (first, new Random(random.Next())), (other, new Random(random.Next())), (first, new Random(random.Next())) }
            .Select(reader => Task.Run(() => ReadAsync(reader.Item1, reader.Item2, events))));

        var good = events.Where(one => one.Properties[EventProperties.Dataset] is "things" && one.Body.Length > 2).Select(one => $"{one.SequenceNumber}").ToList();
        if (good.Count > 0)
            Assert.Equal(good, await first.Bed.QueryAsync("things", "SELECT _sequence FROM t ORDER BY 1"));
        var last = events.Where(one => one.Properties[EventProperties.Dataset] is "latest").GroupBy(one => System.Text.Encoding.UTF8.GetString(one.Body.Span)[7])
            .Select(group => $"{group.Last().SequenceNumber}").ToList();
        if (last.Count > 0)
            Assert.Equal(last.Order(StringComparer.Ordinal), (await first.Bed.QueryAsync("latest", "SELECT _sequence FROM t")).Order(StringComparer.Ordinal));
        await first.Bed.AssertBalancedAsync("things");
        await first.Bed.AssertBalancedAsync("latest");
    }

    private static async Task ReadAsync(StreamBed bed, Random random, List<StreamEvent> events)
    {
        for (var at = 0; at < events.Count;)
        {
            var size = random.Next(1, 25);
            await bed.TakeAsync(events.Skip(at).Take(size));
            at = random.Next(4) == 0 ? random.Next(0, at + 1) : at + size;
        }
    }
}
