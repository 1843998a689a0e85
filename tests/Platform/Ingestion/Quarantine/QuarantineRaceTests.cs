using System.Text;
using DataPlatform.TestKit;
using FsCheck.Fluent;

namespace DataPlatform.Ingestion.Quarantine;

public sealed class QuarantineRaceTests(AzuriteFixture azurite) : IClassFixture<AzuriteFixture>
{
    private const string Contract = """{ "fields": [ {"name": "id", "type": "int32", "required": true}, {"name": "n", "type": "int32"} ] }""";

    private static readonly string[] Requests =
    [
        """{"patch": {"set": {"n": 1}}}""", """{"patch": {"set": {"n": 2}}}""", """{"patch": {"nullTokens": {"n": ["a"]}}}""", """{"patch": {"nullTokens": {"n": ["b"]}}}""",
    ];

    [Theory]
    [InlineData(false, "\"fields\"")]
    [InlineData(false, "\"key\": [\"id\"], \"dedupe\": {\"window\": \"P7D\"}, \"fields\"")]
    [InlineData(false, "\"key\": [\"id\"], \"writeDisposition\": \"merge\", \"fields\"")]
    [InlineData(true, "\"fields\"")]
    public async Task Replays_and_dismissals_at_the_same_time_take_each_row_once(bool onAzurite, string start)
    {
        var storage = onAzurite ? await azurite.GetStorageAsync() : null;
        await using var bed = new BatchBed(configure: options => options.Storage = storage ?? options.Storage);
        await using var other = new BatchBed(clock: bed.Clock, configure: options => options.Storage = storage ?? $"folder:{bed.StoreFolder}");
        await bed.DefineAsync("things", Contract.Replace("\"fields\"", start, StringComparison.Ordinal));
        var csv = "id,n\n" + string.Concat(Enumerable.Range(1, 300).Select(i => $"{i},{(i % 3) switch { 0 => "a", 1 => "b", _ => "c" }}\n"));
        var parent = await bed.PostAsync("things", csv);
        var replays = new List<string>();
        foreach (var request in Requests)
            replays.Add((await bed.CreateAsync(request)).Id);
        var cause = (await bed.TryAsync("{}")).Result.Remaining[0].Id;

        await Task.WhenAll(
            [
                .. replays.Select((id, i) => Task.Run(() => (i % 2 == 0 ? bed : other).RunAsync(id))),
                Task.Run(() => other.DismissAsync($"{{\"cause\": \"{cause}\", \"reason\": \"race\"}}")),
                .. Enumerable.Range(0, 5).Select(i => Task.Run(() => other.PostAsync("things", $"id,n\n{1000 + i},1\n"))),
            ]);

        var receipt = await bed.ReceiptAsync(parent.Id);
        var taken = (await bed.BatchesAsync()).Where(batch => batch.Parent == parent.Id).ToList();
        Assert.Equal(0, receipt.Open);
        Assert.Equal(receipt.Replayed, taken.Sum(batch => batch.Received));
        Assert.Equal([$"{receipt.Replayed + 5}|{receipt.Replayed + 5}"], await bed.QueryAsync("things", "SELECT count(*), count(DISTINCT id) FROM t"));
        await bed.AssertBalancedAsync("things");
    }

    [Fact]
    public async Task Random_rows_that_lack_a_field_come_back_as_they_were()
    {
        // Without a header row values belong to the contract's fields, of which there is one more now.
        List<(string Type, Func<Thing[], byte[]> Write)> formats =
        [
            .. ThingFormats.Texts.Where(format => !format.Type.Contains("absent", StringComparison.Ordinal))
                .Select(format => (format.Type, (Func<Thing[], byte[]>)(things => Encoding.UTF8.GetBytes(format.Write(things))))),
            ("application/vnd.apache.parquet", ThingFormats.Parquet),
        ];
        for (var round = 0; round < 12; round++)
        {
            await using var bed = new BatchBed(IngestionLimits.Default with { BlockRows = 7, WindowBytes = 200 });
            await bed.DefineAsync("things", Thing.Contract);
            var things = Thing.Any.ArrayOf(30).Sample(30, 1)[0];
            var (type, write) = formats[round % formats.Count];
            var good = await bed.PostAsync("things", write(things), type);
            var rows = await bed.QueryAsync("things", "SELECT * EXCLUDE (_batch, _row, _ingested_at) FROM t ORDER BY _row");

            await using var broken = new BatchBed(IngestionLimits.Default with { BlockRows = 7, WindowBytes = 200 });
            await broken.DefineAsync("things", Thing.Contract.Replace("\"fields\": [", "\"fields\": [ {\"name\": \"gone\", \"type\": \"int32\", \"required\": true},", StringComparison.Ordinal));
            var parent = await broken.PostAsync("things", write(things), type);
            Assert.True(parent.Quarantined == good.Received, $"{type}: {parent.Quarantined}");
            if (parent.Quarantined == 0)
                continue;

            var report = await broken.ReplayAsync("""{"patch": {"set": {"gone": 1}}}""");
            Assert.True(report.Result.Recovered == parent.Quarantined, $"{type}: {report.Result.Summary}");
            Assert.Equal(rows, await broken.QueryAsync("things", "SELECT * EXCLUDE (gone, _batch, _row, _ingested_at) FROM t ORDER BY _row"));
            Assert.Equal($"0 {parent.Quarantined} 0", await broken.CountsAsync(parent));
            Assert.Equal(0, (await broken.ReplayAsync("""{"patch": {"set": {"gone": 1}}}""")).Result.Selected);
            await broken.AssertBalancedAsync("things");
        }
    }
}
