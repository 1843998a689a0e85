using System.Text;
using DataPlatform.Failures;
using DataPlatform.Ingestion.Batches;
using DataPlatform.Ingestion.Realtime;
using DataPlatform.Operations;
using DataPlatform.Sql.Maintenance;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Primitives;

namespace DataPlatform.Ingestion.CloudEvents;

public sealed class CloudEventIngestionTests
{
    internal const string Single = "application/cloudevents+json";
    internal const string Several = "application/cloudevents-batch+json";

    internal const string Contract = """
        { "fields": [ {"name": "event", "type": "string", "source": "ce:id"}, {"name": "device", "type": "string", "source": "ce:source"},
                      {"name": "kind", "type": "string", "source": "ce:type"}, {"name": "happened", "type": "timestamp", "source": "ce:time"},
                      {"name": "about", "type": "string", "source": "ce:subject"}, {"name": "hops", "type": "int32", "source": "ce:hops"},
                      {"name": "urgent", "type": "bool", "source": "ce:urgent"}, {"name": "celsius", "type": "float64", "required": true} ] }
        """;

    [Fact]
    public async Task Attributes_become_columns_whatever_the_mode()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("readings", Contract);
        const string rest = """
            "source":"urn:device:7","type":"reading","time":"2026-03-01T10:00:00.5+01:00","subject":"Keller ☂","hops":3,"urgent":true,"data":{"celsius":21.5}}
            """;
        var structured = await bed.PostAsync("readings", Bytes("""{"specversion":"1.0","id":"a",""" + rest), Single);
        var batch = await bed.PostAsync("readings", Bytes("""[{"specversion":"1.0","id":"b",""" + rest + "]"), Several);
        var binary = await PostBinaryAsync(bed, "readings", """{"celsius":21.5}""", "application/json", ("ce-SpecVersion", "1.0"), ("Ce-Id", "c"), ("ce-source", "urn:device:7"),
            ("ce-type", "reading"), ("ce-time", "2026-03-01T10:00:00.5+01:00"), ("ce-subject", "Keller%20%E2%98%82"), ("ce-hops", "3"), ("ce-urgent", "true"));
        Assert.All([structured, batch, binary], receipt => Assert.Equal((1, 1), (receipt.Received, receipt.Loaded)));
        const string expected = "|urn:device:7|reading|03/01/2026 09:00:00|Keller ☂|3|True|21.5";
        Assert.Equal(
            ["a" + expected, "b" + expected, "c" + expected],
            await bed.QueryAsync("readings", "SELECT event, device, kind, date_trunc('second', happened), about, hops, urgent, celsius FROM t ORDER BY event"));
        Assert.Equal("""{"specversion":"1.0","id":"c","source":"urn:device:7","type":"reading","time":"2026-03-01T10:00:00.5+01:00","subject":"Keller ☂","hops":"3","urgent":"true","datacontenttype":"application/json","data":{"celsius":21.5}}""",
            await bed.ReadAsync(binary.Raw!));
        await bed.AssertBalancedAsync("readings");
    }

    [Theory]
    [InlineData("""{"specversion":"1.0","source":"/s","type":"t","data":{"celsius":1}}""", "ce:id")]
    [InlineData("""{"specversion":"1.0","id":"x","source":"/s","type":"t","data":7}""", "data")]
    [InlineData("""{"specversion":"1.0","id":"x","source":"/s","type":"t","data":[{"celsius":1}]}""", "data")]
    [InlineData("""{"specversion":"1.0","id":"x","source":"/s","type":"t","datacontenttype":"text/plain","data":"hot"}""", "data")]
    [InlineData("""{"specversion":"1.0","id":"x","source":"/s","type":"t","datacontenttype":"image/png","data_base64":"AQID"}""", "data")]
    [InlineData("""{"specversion":"1.0","id":"x","source":"/s","type":"t","data_base64":"e30{"}""", "data")]
    [InlineData("""{"specversion":"1.0","id":"x","source":"/s","type":"t","data_base64":"e30i"}""", "data")]
    [InlineData("""{"specversion":"1.0","id":"x","source":"/s","type":"t"}""", "celsius")]
    [InlineData("""{"specversion":"1.0","id":"x","source":"/s","type":"t","data":{"celsius":1,"ce:subject":"forged"}}""", "ce:subject")]
    [InlineData("""{"specversion":"1.0","id":"x","source":"/s","type":"t","data":{"celsius":1,"extra":1}}""", "extra")]
    [InlineData("7", null)]
    public async Task A_broken_event_of_a_batch_loses_no_other(string broken, string? column)
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("readings", Contract);
        var receipt = await bed.PostAsync("readings", Bytes($"[{Event("1")},{broken},{Event("2")}]"), Several);
        Assert.Equal((3, 2, 1), (receipt.Received, receipt.Loaded, receipt.Quarantined));
        var entry = Assert.Single(await bed.QuarantineAsync(receipt));
        Assert.Equal((2, column), ((int)entry["row"]!, (string?)entry["errors"]![0]!["column"]));
        Assert.Equal(["1", "2"], await bed.QueryAsync("readings", "SELECT event FROM t ORDER BY event"));
        await bed.AssertBalancedAsync("readings");
    }

    [Fact]
    public async Task Base64_data_of_JSON_is_a_row()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("readings", Contract);
        var data = Convert.ToBase64String(Bytes(" {\"celsius\": 4 } "));
        var receipt = await bed.PostAsync("readings", Bytes($$"""{"specversion":"1.0","id":"x","source":"/s","type":"t","data_base64":"{{data}}"}"""), Single);
        Assert.Equal(1, receipt.Loaded);
    }

    [Theory]
    [InlineData(Single, """{"specversion":"1.0","source":"/s","type":"t","data":{"celsius":1}}""", "InvalidCloudEvent")]
    [InlineData(Single, """{"specversion":"1.0","id":"1","source":"/s","type":"t","data":{"celsius":tru}}""", "InvalidCloudEvent")]
    [InlineData(Single, """[{"specversion":"1.0","id":"1","source":"/s","type":"t","data":{"celsius":1}}]""", "UnreadableFile")]
    [InlineData(Single, """{"specversion":"1.0","id":"1","source":"/s","type":"t","data":{"celsius":1}}{}""", "UnreadableFile")]
    [InlineData(Several, """{"specversion":"1.0","id":"1","source":"/s","type":"t","data":{"celsius":1}}""", "UnreadableFile")]
    [InlineData(Several, """[{"specversion":"1.0","id":"1","source":"/s","type":"t","data":{"celsius":1}}""", "UnreadableFile")]
    [InlineData("application/cloudevents+xml", "<event/>", "UnsupportedMediaType")]
    public async Task A_broken_envelope_is_refused_whole(string type, string body, string code)
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("readings", Contract);
        Assert.Equal(code, (await Assert.ThrowsAsync<TerminalException>(() => bed.PostAsync("readings", Bytes(body), type))).Code);
        Assert.Equal(code, (await Assert.ThrowsAsync<TerminalException>(() => RecordsAsync(bed, "readings", body, type))).Code);
        Assert.Null(await bed.SnapshotOrNullAsync("readings"));
    }

    [Fact]
    public async Task An_event_counts_once_within_its_window()
    {
        await using var bed = new BatchBed(configure: options => options.EventWindow = TimeSpan.FromHours(1));
        await bed.DefineAsync("readings", Contract);
        Assert.Equal((1, 0), Counts(await RecordsAsync(bed, "readings", Event("1"), Single)));
        Assert.Equal((0, 1), Counts(await RecordsAsync(bed, "readings", Event("1"), Single)));
        Assert.Equal((1, 2), Counts(await bed.PostAsync("readings", Bytes($"[{Event("1")},{Event("2")},{Event("2")}]"), Several)));

        // The same id of another source is another event.
        Assert.Equal((1, 0), Counts(await RecordsAsync(bed, "readings", Event("1", "/other"), Single)));
        bed.Clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal((1, 0), Counts(await RecordsAsync(bed, "readings", Event("1"), Single)));
        Assert.Equal(["1|/other", "1|/s", "1|/s", "2|/s"], await bed.QueryAsync("readings", "SELECT event, device FROM t ORDER BY event, device"));
        await bed.AssertBalancedAsync("readings");
    }

    [Fact]
    public async Task Rows_that_are_no_events_keep_no_keys_and_never_count_as_duplicates()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("readings", Contract);
        var keys = Path.Combine(bed.StoreFolder, "objects/lake/tables/readings/_keys");
        await bed.PostAsync("readings", Bytes("""{"celsius":1}"""), "application/json");
        await RecordsAsync(bed, "readings", """{"celsius":1}""", "application/json");
        Assert.False(Directory.Exists(keys));
        Assert.DoesNotContain((await bed.SnapshotAsync("readings")).Columns, column => column.Name == "_event");

        await RecordsAsync(bed, "readings", Event("1"), Single);
        await RecordsAsync(bed, "readings", """[{"celsius":1},{"celsius":1}]""", "application/json");
        Assert.Equal((0, 1), Counts(await RecordsAsync(bed, "readings", Event("1"), Single)));
        Assert.Single(Directory.GetFiles(keys, "*.keys", SearchOption.AllDirectories));
        Assert.Equal(["5|1|32"], await bed.QueryAsync("readings", "SELECT count(*), count(_event), max(length(_event)) FROM t"));
    }

    [Fact]
    public async Task Eight_writers_of_the_same_events_leave_each_once()
    {
        var folder = Directory.CreateTempSubdirectory("dataplatform-events-").FullName;
        List<BatchBed> beds = [];
        try
        {
            for (var i = 0; i < 4; i++)
                beds.Add(new BatchBed(folder: folder, clock: beds.FirstOrDefault()?.Clock));
            await beds[0].DefineAsync("readings", Contract);
            var sending = Enumerable.Range(0, 8).Select(writer => Task.Run(async () =>
            {
                var ids = Enumerable.Range(0, 12).ToArray();
                new Random(writer).Shuffle(ids);
                long loaded = 0;
                foreach (var some in ids.Chunk(4))
                {
                    var bed = beds[writer % 4];
                    loaded += writer < 4
                        ? (await bed.PostAsync("readings", Bytes($"[{string.Join(',', some.Select(id => Event($"{id}")))}]"), Several)).Loaded
                        : (await Task.WhenAll(some.Select(id => RecordsAsync(bed, "readings", Event($"{id}"), Single)))).Sum(receipt => receipt.Loaded);
                }

                return loaded;
            })).ToList();
            Assert.Equal(12, (await Task.WhenAll(sending)).Sum());
            Assert.Equal(["12|12"], await beds[1].QueryAsync("readings", "SELECT count(*), count(DISTINCT event) FROM t"));
            foreach (var bed in beds)
                await bed.Settlement.SettleAsync(default);
            await beds[2].AssertBalancedAsync("readings");
        }
        finally
        {
            foreach (var bed in beds)
                await bed.DisposeAsync();
            DataPlatform.TestKit.Leftovers.Delete(folder);
        }
    }

    [Fact]
    public async Task What_another_commit_brings_while_a_batch_is_read_is_taken_out()
    {
        await using var bed = new BatchBed(IngestionLimits.Default with { BlockRows = 2, FileKeys = 2, Encoders = 1 });
        await bed.DefineAsync("readings", Contract);
        await using var body = new GatedStream(Bytes($"[{string.Join(',', Enumerable.Range(0, 7).Select(id => Event($"{id}")))}]"), 60);
        var slow = Task.Run(() => bed.PostAsync("readings", body, Several));
        await body.Reached;
        await bed.PostAsync("readings", Bytes($"[{Event("0")},{Event("2")},{Event("3")},{Event("9")}]"), Several);
        body.Open();
        Assert.Equal((4, 3), Counts(await slow));
        Assert.Equal(["8|8"], await bed.QueryAsync("readings", "SELECT count(*), count(DISTINCT event) FROM t"));
        Assert.Equal((0, 7), Counts(await bed.PostAsync("readings", Bytes($"[{string.Join(',', Enumerable.Range(0, 7).Select(id => Event($"{id}")))}]"), Several)));
        await bed.AssertBalancedAsync("readings");
    }

    [Fact]
    public async Task Events_and_the_contracts_own_keys_count_together()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("readings", Contract.Replace("\"fields\"", "\"key\": [\"device\"], \"dedupe\": {\"window\": \"P1D\"}, \"fields\"", StringComparison.Ordinal)
            .Replace("\"source\": \"ce:source\"", "\"source\": \"ce:source\", \"required\": true", StringComparison.Ordinal));
        Assert.Equal((2, 2), Counts(await bed.PostAsync("readings", Bytes($"[{Event("1", "/a")},{Event("2", "/a")},{Event("1", "/a")},{Event("3", "/b")}]"), Several)));

        // The device within a day; then the event within a week.
        Assert.Equal((0, 1), Counts(await RecordsAsync(bed, "readings", Event("4", "/a"), Single)));
        bed.Clock.Advance(TimeSpan.FromDays(2));
        Assert.Equal((1, 1), Counts(await bed.PostAsync("readings", Bytes($"[{Event("1", "/a")},{Event("5", "/a")}]"), Several)));
        await bed.AssertBalancedAsync("readings");
    }

    [Fact]
    public async Task Of_a_merge_an_event_that_comes_again_does_not_undo_a_later_one()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("readings", """
            { "writeDisposition": "merge", "key": ["device"], "fields": [ {"name": "device", "type": "string", "required": true}, {"name": "celsius", "type": "float64"} ] }
            """);
        await RecordsAsync(bed, "readings", Keyed("1", "a", 1), Single);
        await RecordsAsync(bed, "readings", Keyed("2", "b", 1), Single);
        await RecordsAsync(bed, "readings", Keyed("3", "a", 2), Single);
        Assert.Equal((0, 1), Counts(await RecordsAsync(bed, "readings", Keyed("1", "a", 1), Single)));

        // Rows that are no events take places too, and so do later rows of one batch.
        await bed.PostAsync("readings", Bytes("""{"device":"a","celsius":3}"""), "application/json");
        Assert.Equal((1, 1), Counts(await bed.PostAsync("readings", Bytes($"[{Keyed("4", "b", 8)},{Keyed("5", "b", 9)}]"), Several)));
        foreach (var (id, device) in new[] { ("1", "a"), ("2", "b"), ("3", "a"), ("4", "b"), ("5", "b") })
            Assert.Equal((0, 1), Counts(await RecordsAsync(bed, "readings", Keyed(id, device, 0), Single)));
        Assert.Equal(["a|3", "b|9"], await bed.QueryAsync("readings", "SELECT device, celsius FROM t ORDER BY device"));
        await bed.AssertBalancedAsync("readings");
    }

    [Fact]
    public async Task Events_whose_rows_were_replaced_are_known_also_when_files_were_brought_together()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("readings", """
            { "writeDisposition": "merge", "key": ["device"], "fields": [ {"name": "device", "type": "string", "required": true}, {"name": "celsius", "type": "float64"} ] }
            """);
        await RecordsAsync(bed, "readings", Keyed("1", "a", 1), Single);
        await RecordsAsync(bed, "readings", Keyed("2", "b", 1), Single);
        await RecordsAsync(bed, "readings", Keyed("3", "a", 2), Single);
        Assert.Equal(2, (await bed.SnapshotAsync("readings")).Files.Count);

        var compaction = bed.Services.GetRequiredService<Compaction>();
        var done = await compaction.RunAsync(bed.Table("readings").Name, new CompactionOptions(), "op", -1, default);

        Assert.Equal((2, 1), (done.FilesRemoved, done.FilesAdded));
        foreach (var (id, device) in new[] { ("1", "a"), ("2", "b"), ("3", "a") })
            Assert.Equal((0, 1), Counts(await RecordsAsync(bed, "readings", Keyed(id, device, 0), Single)));
        Assert.Equal((1, 0), Counts(await RecordsAsync(bed, "readings", Keyed("4", "b", 5), Single)));
        Assert.Equal(["a|2", "b|5"], await bed.QueryAsync("readings", "SELECT device, celsius FROM t ORDER BY device"));
        await bed.AssertBalancedAsync("readings");
    }

    [Fact]
    public async Task Writers_that_merge_the_same_events_leave_each_once()
    {
        var folder = Directory.CreateTempSubdirectory("dataplatform-events-").FullName;
        await using (var one = new BatchBed(folder: folder))
        await using (var two = new BatchBed(folder: folder, clock: one.Clock))
        {
            await one.DefineAsync("readings", """
                { "writeDisposition": "merge", "key": ["device"], "fields": [ {"name": "device", "type": "string", "required": true}, {"name": "celsius", "type": "float64"} ] }
                """);
            var receipts = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Task.Run(() =>
                RecordsAsync(i % 2 == 0 ? one : two, "readings", Keyed($"{i / 4}", $"{i / 8}", i / 4), Single))));
            Assert.Equal((4, 12), (receipts.Sum(receipt => receipt.Loaded), receipts.Sum(receipt => receipt.Duplicate)));
            Assert.Equal(["2"], await two.QueryAsync("readings", "SELECT count(*) FROM t"));
            await one.Settlement.SettleAsync(default);
            await two.Settlement.SettleAsync(default);
            await one.AssertBalancedAsync("readings");
        }

        DataPlatform.TestKit.Leftovers.Delete(folder);
    }

    [Fact]
    public async Task Datasets_that_each_batch_replaces_take_no_events()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("readings", Contract.Replace("\"fields\"", "\"writeDisposition\": \"replace\", \"fields\"", StringComparison.Ordinal));
        Assert.Equal("EventsNotTaken", (await Assert.ThrowsAsync<TerminalException>(() => RecordsAsync(bed, "readings", Event("1"), Single))).Code);
    }

    [Fact]
    public async Task Personal_values_of_events_are_protected_everywhere()
    {
        await using var bed = new BatchBed(piiKey: new string('k', 32));
        await bed.DefineAsync("readings", """
            { "raw": "redacted", "fields": [ {"name": "who", "type": "string", "source": "ce:subject", "pii": "mask"}, {"name": "mail", "type": "string", "pii": "hash"},
              {"name": "celsius", "type": "float64"} ] }
            """);
        var receipt = await bed.PostAsync("readings", Bytes("""
            [{"specversion":"1.0","id":"1","source":"/s","type":"t","subject":"Mara","data":{"mail":"m@x.de","celsius":1}},
             {"specversion":"1.0","id":"2","source":"/s","type":"t","subject":"Mara","data":{"mail":"m@x.de","celsius":"x"}},
             {"specversion":"1.0","source":"/s","type":"t","subject":"Mara","data":{"mail":"m@x.de"}}]
            """), Several);
        Assert.Equal((3, 1, 2), (receipt.Received, receipt.Loaded, receipt.Quarantined));
        var all = await bed.ReadAsync(receipt.Raw!) + await bed.ReadAsync(receipt.Quarantine!);
        Assert.DoesNotContain("Mara", all, StringComparison.Ordinal);
        Assert.DoesNotContain("m@x.de", all, StringComparison.Ordinal);
        Assert.Contains("xxxx", all, StringComparison.Ordinal);
        Assert.Equal(["xxxx|64"], await bed.QueryAsync("readings", "SELECT who, length(mail) FROM t"));
    }

    [Fact]
    public async Task The_column_of_events_is_none_of_the_datasets_own()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("readings", """{ "onUnexpected": "evolve", "fields": [ {"name": "celsius", "type": "float64"} ] }""");
        await RecordsAsync(bed, "readings", """{"specversion":"1.0","id":"1","source":"/s","type":"t","data":{"celsius":1,"_event":"forged","more":true}}""", Single);
        await RecordsAsync(bed, "readings", """{"specversion":"1.0","id":"1","source":"/s","type":"t","data":{"celsius":1,"more":true}}""", Single);
        Assert.Equal(["1|true"], await bed.QueryAsync("readings", "SELECT celsius, more FROM t"));
        var mistake = await Assert.ThrowsAsync<TerminalException>(() => bed.DefineAsync("other", """{ "fields": [ {"name": "_event", "type": "string"} ] }"""));
        Assert.Equal("ReservedName", Assert.Single(mistake.Details!).Code);
    }

    internal static string Event(string id, string source = "/s") =>
        $$$"""{"specversion":"1.0","id":"{{{id}}}","source":"{{{source}}}","type":"t","data":{"celsius":1}}""";

    internal static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    internal static Task<Receipt> RecordsAsync(BatchBed bed, string dataset, string body, string type) =>
        bed.Services.GetRequiredService<RecordService>().IngestAsync(new BatchRequest(dataset, "tester", null, type, null, new MemoryStream(Bytes(body))), default);

    private static string Keyed(string id, string device, double celsius) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture,
            $$$"""{"specversion":"1.0","id":"{{{id}}}","source":"/s","type":"t","data":{"device":"{{{device}}}","celsius":{{{celsius}}}}}""");

    private static async Task<Receipt> PostBinaryAsync(BatchBed bed, string dataset, string body, string? type, params (string Name, string Value)[] headers)
    {
        var (contentType, stream) = await bed.Services.GetRequiredService<CloudEventBinding>().ReadAsync(
            headers.Select(header => KeyValuePair.Create(header.Name, new StringValues(header.Value))).ToList(), type, null, new MemoryStream(Bytes(body)), default);
        return await bed.PostAsync(dataset, stream, contentType!);
    }

    private static (long Loaded, long Duplicate) Counts(Receipt receipt) => (receipt.Loaded, receipt.Duplicate);
}
