using System.Text.Json.Nodes;
using DataPlatform.Ingestion;
using DataPlatform.Ingestion.Batches;
using DataPlatform.Lake;
using DataPlatform.Operations;

namespace DataPlatform.Streaming;

public sealed class StreamConsumerTests
{
    [Fact]
    public async Task Events_become_rows_with_their_place_in_the_stream_and_a_receipt_of_their_batch()
    {
        await using var bed = new StreamBed();
        await bed.Bed.DefineAsync("things");
        await bed.TakeAsync(StreamBed.Events(5, 7, "things"));
        Assert.Equal(
            ["5|n5|0|5|2026-03-01 11:00:05", "6|n6|0|6|2026-03-01 11:00:06", "7|n7|0|7|2026-03-01 11:00:07"],
            await bed.Bed.QueryAsync("things", "SELECT id, name, _partition, _sequence, strftime(_enqueued_at, '%Y-%m-%d %H:%M:%S') FROM t ORDER BY 1"));
        var batch = Assert.Single((await bed.Bed.Table("things").ReadCommitsAsync(-1, null, default).ToListAsync())[^1].Batches);
        Assert.Equal(("0", 5L, 7L), (batch.Stream!.Partition, batch.Stream.First, batch.Stream.Last));
        var receipt = await bed.Bed.Batches.GetReceiptAsync(batch.Id, default);
        Assert.Equal((3, 3, StreamConsumer.Service), (receipt.Received, receipt.Loaded, receipt.Service));
        Assert.Equal(3, (await bed.Bed.ReadAsync(receipt.Raw!)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        await bed.Bed.AssertBalancedAsync("things");
        Assert.True((await bed.Bed.ProveAsync("things", isDeep: true)).Proven);
    }

    [Fact]
    public async Task Events_that_come_again_are_left_out_and_nothing_is_committed_for_them_alone()
    {
        await using var bed = new StreamBed();
        await bed.Bed.DefineAsync("things");
        await bed.TakeAsync(StreamBed.Events(0, 9, "things"));
        var version = (await bed.Bed.SnapshotAsync("things")).Version;
        await bed.TakeAsync(StreamBed.Events(3, 9, "things"));
        Assert.Equal(version, (await bed.Bed.SnapshotAsync("things")).Version);
        await bed.TakeAsync(StreamBed.Events(7, 12, "things"));
        Assert.Equal(["13|13"], await bed.Bed.QueryAsync("things", "SELECT count(*), count(DISTINCT id) FROM t"));
        await bed.Bed.AssertBalancedAsync("things");
    }

    [Fact]
    public async Task Events_of_a_hub_that_was_made_anew_are_new()
    {
        await using var bed = new StreamBed();
        await bed.Bed.DefineAsync("things");
        await bed.TakeAsync(StreamBed.Events(0, 4, "things"));
        bed.Created = bed.Created.AddDays(1);
        await bed.TakeAsync(StreamBed.Events(0, 2, "things"));
        await bed.TakeAsync(StreamBed.Events(1, 3, "things"));
        Assert.Equal(["9"], await bed.Bed.QueryAsync("things", "SELECT count(*) FROM t"));
    }

    [Fact]
    public async Task Several_datasets_share_a_hub_each_with_its_own_position()
    {
        await using var bed = new StreamBed(new BatchBed(configure: options => options.HubDatasets["events"] = "others"));
        await bed.Bed.DefineAsync("things");
        await bed.Bed.DefineAsync("others");
        var mixed = Enumerable.Range(0, 20).Select(i => i % 3 == 0
            ? StreamBed.Event(i, "things")
            : StreamBed.Event(i, "") with { Properties = new Dictionary<string, object>() }).ToList();
        await bed.TakeAsync(mixed);
        await bed.TakeAsync(mixed.Skip(5));
        Assert.Equal(["7"], await bed.Bed.QueryAsync("things", "SELECT count(*) FROM t"));
        Assert.Equal(["13"], await bed.Bed.QueryAsync("others", "SELECT count(*) FROM t"));
    }

    [Fact]
    public async Task A_broken_row_is_quarantined_with_its_place_and_once()
    {
        await using var bed = new StreamBed();
        await bed.Bed.DefineAsync("things", BatchBed.Contract.Replace("] }", "], \"onUnexpected\": \"freeze\" }", StringComparison.Ordinal));
        StreamEvent[] events =
        [
            StreamBed.Event(0, "things"), StreamBed.Event(1, "things", "{\"id\": \"x\"}"), StreamBed.Event(2, "things", "{\"id\": 2, \"unknown\": 1}"),
            StreamBed.Event(3, "things", ""), StreamBed.Event(4, "things", "{\"id\":\r\n 4"), StreamBed.Event(5, "things", "{\"id\":\r\n 5}"),
        ];
        await bed.TakeAsync(events);
        await bed.TakeAsync(events.Skip(1));
        Assert.Equal(["0", "5"], await bed.Bed.QueryAsync("things", "SELECT id FROM t ORDER BY 1"));
        var batch = (await bed.Bed.Table("things").ReadCommitsAsync(-1, null, default).ToListAsync())[^1].Batches.Single();
        var receipt = await bed.Bed.Batches.GetReceiptAsync(batch.Id, default);
        var broken = await bed.Bed.QuarantineAsync(receipt);
        Assert.Equal(["0:1", "0:2", "0:3", "0:4"], broken.Select(row => $"{row["partition"]}:{row["sequence"]}"));
        await bed.Bed.AssertBalancedAsync("things");
    }

    [Fact]
    public async Task Events_that_no_table_takes_are_kept_apart_and_hold_up_nobody()
    {
        await using var bed = new StreamBed();
        await bed.Bed.DefineAsync("things");
        await bed.Bed.DefineAsync("prices", BatchBed.Contract.Replace("] }", "], \"writeDisposition\": \"replace\" }", StringComparison.Ordinal));
        StreamEvent[] events = [StreamBed.Event(0, "things"), StreamBed.Event(1, "nowhere"), StreamBed.Event(2, "prices"), StreamBed.Event(3, "No Name"), StreamBed.Event(4, "things")];
        await bed.TakeAsync(events);
        await bed.TakeAsync(events);
        Assert.Equal(["0", "4"], await bed.Bed.QueryAsync("things", "SELECT id FROM t ORDER BY 1"));
        Assert.Equal(("DatasetNotFound", "nowhere", 1), await PoisonAsync(bed, 1));
        Assert.Equal(("EventsNotTaken", "prices", 2), await PoisonAsync(bed, 2));
        Assert.Equal("No Name", (await PoisonAsync(bed, 3)).Dataset);
    }

    [Fact]
    public async Task An_event_that_its_table_refuses_is_found_among_its_neighbours()
    {
        await using var bed = new StreamBed(new BatchBed(IngestionLimits.Default with { MaxColumns = 10 }));
        await bed.Bed.DefineAsync("things", BatchBed.Contract.Replace("] }", "], \"onUnexpected\": \"evolve\" }", StringComparison.Ordinal));
        var wide = $"{{\"id\": 5, {string.Join(',', Enumerable.Range(0, 20).Select(i => $"\"more{i}\": 1"))}}}";
        await bed.TakeAsync(Enumerable.Range(0, 9).Select(i => StreamBed.Event(i, "things", i == 5 ? wide : null)));
        Assert.Equal(["0,1,2,3,4,6,7,8"], await bed.Bed.QueryAsync("things", "SELECT string_agg(id::VARCHAR, ',' ORDER BY id) FROM t"));
        Assert.Equal(("TooManyColumns", "things", 5), await PoisonAsync(bed, 5));
        await bed.Bed.AssertBalancedAsync("things");
    }

    [Fact]
    public async Task Of_a_key_the_last_event_stays_in_a_merge_dataset()
    {
        await using var bed = new StreamBed();
        await bed.Bed.DefineAsync("things", BatchBed.Contract.Replace("] }", "], \"writeDisposition\": \"merge\", \"key\": [\"id\"] }", StringComparison.Ordinal));
        var events = Enumerable.Range(0, 30).Select(i => StreamBed.Event(i, "things", $"{{\"id\": {i % 4}, \"name\": \"n{i}\"}}")).ToList();
        await bed.TakeAsync(events.Take(10));
        await bed.TakeAsync(events.Skip(6).Take(12));
        await bed.TakeAsync(events.Skip(2));
        await bed.TakeAsync(events);
        Assert.Equal(["0|n28", "1|n29", "2|n26", "3|n27"], await bed.Bed.QueryAsync("things", "SELECT id, name FROM t ORDER BY 1"));
        await bed.Bed.AssertBalancedAsync("things");
    }

    [Fact]
    public async Task CloudEvents_of_both_modes_count_once_by_source_and_id()
    {
        await using var bed = new StreamBed();
        await bed.Bed.DefineAsync("things");
        StreamEvent[] events =
        [
            StreamBed.Event(0, "things", """{"specversion": "1.0", "id": "a", "source": "/s", "type": "t", "data": {"id": 1}}""") with { ContentType = EventProperties.StructuredCloudEvent + "; charset=utf-8" },
            Binary(1, "b", EventProperties.CloudEvent, "{\"id\": 2}"),
            Binary(2, "a", EventProperties.CloudEventInNames, "{\"id\": 3}"),
            Binary(3, "c", EventProperties.CloudEvent, ""),
            Binary(4, "d", EventProperties.CloudEvent, "{\"id\": 4}") with { ContentType = "text/plain" },
        ];
        await bed.TakeAsync(events);
        await bed.TakeAsync(Binary(5, "b", EventProperties.CloudEvent, "{\"id\": 2}"));
        Assert.Equal(["1", "2"], await bed.Bed.QueryAsync("things", "SELECT id FROM t ORDER BY 1"));
        var receipt = (await bed.Bed.Table("things").ReadCommitsAsync(-1, null, default).ToListAsync()).SelectMany(commit => commit.Batches).First();
        Assert.Equal((5, 2, 2, 1), (receipt.Received, receipt.Loaded, receipt.Quarantined, receipt.Duplicate));
        await bed.Bed.AssertBalancedAsync("things");

        static StreamEvent Binary(long sequence, string id, string prefix, string data) => StreamBed.Event(
            sequence, "things", data, (prefix + "specversion", "1.0"), (prefix + "id", id), (prefix + "source", "/s"), (prefix + "type", "t"), (prefix + "n", 5))
            with { ContentType = "application/json" };
    }

    [Fact]
    public async Task Events_of_a_request_tell_what_became_of_each_and_count_once_when_they_are_sent_again()
    {
        await using var bed = new StreamBed();
        await bed.Bed.DefineAsync("things");
        var receipt = BatchId.Create("things", bed.Bed.Clock.GetUtcNow());
        StreamEvent Sent(long sequence, object index, string? body = null) =>
            StreamBed.Event(sequence, "things", body, (EventProperties.Receipt, receipt), (EventProperties.Index, index));
        await bed.TakeAsync(Sent(0, "0"), Sent(1, 1), Sent(2, 2L, "{}"), Sent(3, "4"), Sent(4, "0"));
        await bed.TakeAsync(Sent(5, "1"), Sent(6, "3"));
        Assert.Equal(["0,1,3,6"], await bed.Bed.QueryAsync("things", "SELECT string_agg(_sequence::VARCHAR, ',' ORDER BY _sequence) FROM t"));
        var parts = (await bed.Bed.Table("things").ReadCommitsAsync(-1, null, default).ToListAsync())
            .SelectMany(commit => commit.Batches).Select(batch => batch.Stream!.Receipts!.Single()).ToList();
        Assert.Equal([("0-1,4", "2", "0"), ("3", null, "1")], parts.Select(part => (part.Loaded, part.Quarantined, part.Duplicate)));
        Assert.All(parts, part => Assert.Equal(receipt, part.Id));
    }

    private static async Task<(string Code, string? Dataset, long Sequence)> PoisonAsync(StreamBed bed, long sequence)
    {
        var document = JsonNode.Parse(await bed.Bed.ReadAsync($"lake/quarantine/_events/events/0/{sequence}.json"))!;
        return ((string)document["error"]!["code"]!, (string?)document["dataset"], (long)document["sequence"]!);
    }
}
