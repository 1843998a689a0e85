using System.Text;
using DataPlatform.Operations;

namespace DataPlatform.Ingestion.Quarantine;

/// <summary>Rows in quarantine that came as CloudEvents.</summary>
public sealed class EventReplayTests
{
    private const string Mend = """{"patch": {"nullTokens": {"n": ["-"]}}}""";

    [Theory]
    [InlineData("append")]
    [InlineData("merge")]
    public async Task An_event_that_was_mended_is_not_loaded_again_when_it_is_delivered_again(string disposition)
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync(ReplayBed.Dataset, Contract(disposition));
        var parent = await SendAsync(bed, Event(1, "1"), Event(2, "\"-\""));
        Assert.Equal((1, 1), (parent.Loaded, parent.Quarantined));
        Assert.Equal("recovers 1 of 1", (await bed.ReplayAsync(Mend)).Result.Summary);

        var again = await SendAsync(bed, Event(2, "7"), Event(1, "7"), Event(3, "3"));
        Assert.Equal((1, 2, 0), (again.Loaded, again.Duplicate, again.Quarantined));
        Assert.Equal(["1|1|1", "2|NULL|1", "3|3|1"], await bed.QueryAsync(ReplayBed.Dataset, "SELECT id, n, count(_event) FROM t GROUP BY ALL ORDER BY id"));
        await bed.AssertBalancedAsync(ReplayBed.Dataset);
    }

    [Fact]
    public async Task An_event_that_came_well_in_the_meantime_is_a_duplicate_when_it_is_mended()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync(ReplayBed.Dataset, Contract("append"));
        var parent = await SendAsync(bed, Event(1, "\"-\""));
        Assert.Equal(1, (await SendAsync(bed, Event(1, "1"))).Loaded);

        var child = Assert.Single((await bed.ReplayAsync(Mend)).Batches);
        var receipt = await bed.ReceiptAsync(child.Batch!);
        Assert.Equal((1, 0, 1), (receipt.Received, receipt.Loaded, receipt.Duplicate));
        Assert.Equal("0 1 0", await bed.CountsAsync(parent));
        Assert.Equal(["1|1"], await bed.QueryAsync(ReplayBed.Dataset, "SELECT id, n FROM t"));
        await bed.AssertBalancedAsync(ReplayBed.Dataset);
    }

    [Fact]
    public async Task What_is_no_event_stays_though_its_envelope_could_pass_for_a_row()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync(ReplayBed.Dataset, """{ "fields": [ {"name": "id", "type": "string"} ], "onUnexpected": "discard_value" }""");
        var parent = await SendAsync(bed, """{"specversion":"1.0","type":"t","source":"/s","id":"1","data":[1]}""", """{"specversion":"1.0","type":"t","id":"2","data":{"id":"2"}}""");
        Assert.Equal(2, parent.Quarantined);

        var report = await bed.ReplayAsync();
        Assert.Equal("recovers 0 of 2", report.Result.Summary);
        Assert.Equal("2 0 0", await bed.CountsAsync(parent));
    }

    private static string Contract(string disposition) => $$"""
        { "writeDisposition": "{{disposition}}", "key": ["id"], "fields": [ {"name": "id", "type": "int32", "required": true}, {"name": "n", "type": "int32"} ] }
        """;

    private static string Event(int id, string n) => $$$"""{"specversion":"1.0","type":"t","source":"/s","id":"{{{id}}}","data":{"id":{{{id}}},"n":{{{n}}}}}""";

    private static Task<Receipt> SendAsync(BatchBed bed, params string[] events) =>
        bed.PostAsync(ReplayBed.Dataset, Encoding.UTF8.GetBytes($"[{string.Join(',', events)}]"), "application/cloudevents-batch+json");
}
