using System.Text;
using DataPlatform.Failures;
using DataPlatform.Ingestion.Batches;
using DataPlatform.Lake;
using DataPlatform.Operations;

namespace DataPlatform.Ingestion;

/// <summary>Inputs at the edges and schedules that hardly ever happen.</summary>
public sealed class BatchEdgeTests
{
    private const string Rows = "id,name\n1,a\n2,b\n";

    [Theory]
    [InlineData("text/csv", "doc\n\"[\"\"\\ud800\"\"]\"\n\"{\"\"a\"\":1}\"\n")]
    [InlineData("text/csv", "doc\n\"{\"\"\\udc00x\"\":1}\"\n\"{\"\"a\"\":1}\"\n")]
    [InlineData("application/x-ndjson", "{\"doc\":[\"\\ud800\"]}\n{\"doc\":{\"a\":1}}\n")]
    [InlineData("application/x-ndjson", "{\"doc\":{\"\\ud800\":1}}\n{\"doc\":{\"a\":1}}\n")]
    [InlineData("application/x-ndjson", "{\"extra\":{\"b\":\"\\ud800\"}}\n{\"doc\":{\"a\":1}}\n")]
    [InlineData("application/x-ndjson", "{\"extra\":[{\"\\ud800\":\"\"}]}\n{\"doc\":{\"a\":1}}\n")]
    [InlineData("application/x-ndjson", "{\"\\ud800\":\"\"}\n{\"doc\":{\"a\":1}}\n")]
    public async Task Half_of_a_surrogate_pair_breaks_its_row_only(string type, string body)
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things", """{ "onUnexpected": "evolve", "fields": [ {"name": "doc", "type": "json"} ] }""");
        var receipt = await bed.PostAsync("things", Encoding.UTF8.GetBytes(body), type);
        Assert.Equal((2, 1, 1), (receipt.Received, receipt.Loaded, receipt.Quarantined));
        Assert.Equal(["{\"a\":1}"], await bed.QueryAsync("things", "SELECT doc FROM t"));
    }

    [Theory]
    [InlineData("America/New_York", "9999-12-31T23:30:00")]
    [InlineData("Asia/Tokyo", "0001-01-01T01:00:00")]
    public async Task A_local_time_beyond_the_calendar_in_utc_breaks_its_row_only(string zone, string time)
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things", $$"""{ "timeZone": "{{zone}}", "fields": [ {"name": "t", "type": "timestamp"} ] }""");
        var receipt = await bed.PostAsync("things", $"t\n{time}\n2026-01-01T00:00:00Z\n");
        Assert.Equal((1, 1), (receipt.Loaded, receipt.Quarantined));
    }

    [Theory]
    [InlineData("quarantine", "0|2|0")]
    [InlineData("discard_row", "0|0|2")]
    [InlineData("discard_value", "2|0|0")]
    [InlineData("evolve", "2|0|0")]
    [InlineData("freeze", "UnexpectedField")]
    public async Task An_unknown_column_of_the_header_is_decided_once(string mode, string expected)
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things", $$"""{ "onUnexpected": "{{mode}}", "fields": [ {"name": "id", "type": "int64"} ] }""");
        foreach (var rows in new[] { "1,a\n2,b\n", "" })
        {
            if (mode == "freeze")
            {
                Assert.Equal(expected, (await Assert.ThrowsAsync<TerminalException>(() => bed.PostAsync("things", "id,new\n" + rows))).Code);
                continue;
            }

            var receipt = await bed.PostAsync("things", "id,new\n" + rows);
            Assert.Equal(rows.Length == 0 ? "0|0|0" : expected, $"{receipt.Loaded}|{receipt.Quarantined}|{receipt.Discarded}");
            Assert.Equal(mode == "evolve", (await bed.SnapshotAsync("things")).Columns.Any(column => column.Name == "new"));
        }

        await bed.AssertBalancedAsync("things");
    }

    [Fact]
    public async Task A_field_whose_type_changed_is_refused_and_nothing_is_committed()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things", """{ "fields": [ {"name": "id", "type": "int64"} ] }""");
        await bed.PostAsync("things", "id\n1\n");
        await bed.DefineAsync("things", """{ "fields": [ {"name": "id", "type": "string"} ] }""");
        var failure = await Assert.ThrowsAsync<TerminalException>(() => bed.PostAsync("things", "id\nx\n", "k"));
        Assert.Equal(("SchemaMismatch", "id"), (failure.Code, failure.Target));
        Assert.Equal(0, (await bed.SnapshotAsync("things")).Version);
        await bed.AssertBalancedAsync("things");

        // Put right, the same key takes the batch.
        await bed.DefineAsync("things", """{ "fields": [ {"name": "id", "type": "int64"} ] }""");
        Assert.Equal((2, 1), ((await bed.PostAsync("things", "id\n2\n", "k")) is var again ? (again.Attempt, (int)again.Loaded) : default));
        await bed.AssertBalancedAsync("things");
    }

    [Fact]
    public async Task Batches_that_evolve_at_once_all_come_through()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things", """{ "onUnexpected": "evolve", "fields": [ {"name": "id", "type": "int64"} ] }""");
        await Task.WhenAll(Enumerable.Range(0, 12).Select(i => Task.Run(() => bed.PostAsync("things", $"id,x{i % 3},shared\n{i},a,b\n"))));
        Assert.Equal(["12|12|4|4|4"], await bed.QueryAsync("things", "SELECT count(*), count(shared), count(x0), count(x1), count(x2) FROM t"));
        await bed.AssertBalancedAsync("things");
    }

    [Fact]
    public async Task Many_small_batches_of_two_processes_are_each_counted_once()
    {
        var folder = Directory.CreateTempSubdirectory("dataplatform-two-").FullName;
        try
        {
            await using var one = new BatchBed(folder: folder);
            await using var two = new BatchBed(folder: folder, clock: one.Clock);
            await one.DefineAsync("things", """{ "fields": [ {"name": "id", "type": "int64"} ] }""");
            var posts = Enumerable.Range(0, 60).Select(i => Task.Run(() => (i % 2 == 0 ? one : two).PostAsync("things", $"id\n{i}\n{i}\nx\n", $"key{i}"))).ToList();
            var turns = Task.Run(async () =>
            {
                while (!posts.TrueForAll(post => post.IsCompleted))
                    await Task.WhenAll(one.Settlement.SettleAsync(default), two.Settlement.SettleAsync(default));
            });
            var receipts = await Task.WhenAll(posts);
            await turns;
            Assert.Equal(60, receipts.Select(receipt => receipt.Id).Distinct().Count());
            Assert.Equal(["120|60"], await one.QueryAsync("things", "SELECT count(*), count(DISTINCT _batch) FROM t"));
            foreach (var bed in new[] { one, two })
            {
                await bed.AssertBalancedAsync("things");
                Assert.Equal((60, 180, 120, 60), (await bed.Ledger.GetAsync("things", default)).Totals is var t ? (t.Batches, t.Received, t.Loaded, t.Quarantined) : default);
            }
        }
        finally
        {
            DataPlatform.TestKit.Leftovers.Delete(folder);
        }
    }

    [Fact]
    public async Task Two_processes_with_one_key_and_two_bodies_load_one_of_them()
    {
        var folder = Directory.CreateTempSubdirectory("dataplatform-two-").FullName;
        try
        {
            await using var one = new BatchBed(folder: folder);
            await using var two = new BatchBed(folder: folder, clock: one.Clock);
            await one.DefineAsync("things", """{ "writeDisposition": "replace", "fields": [ {"name": "id", "type": "int64"} ] }""");
            var slow = new GatedStream(Encoding.UTF8.GetBytes("id\n1\n2\n"), 4);
            var first = one.PostAsync("things", slow, key: "k");
            await slow.Reached;
            await ExpireAsync(one);
            var taken = await two.PostAsync("things", "id\n3\n", "k");
            await two.PostAsync("things", "id\n4\n");
            slow.Open();
            Assert.Equal("IdempotencyKeyReused", (await Assert.ThrowsAsync<TerminalException>(() => first)).Code);
            Assert.Equal(["4"], await one.QueryAsync("things", "SELECT id FROM t"));
            Assert.Equal(taken.Id, (await one.PostAsync("things", "id\n3\n", "k")).Id);
            await one.Settlement.SettleAsync(default);
            await one.AssertBalancedAsync("things");
            Assert.Equal(ReceiptState.Committed, (await one.Batches.GetReceiptAsync(taken.Id, default)).State);
        }
        finally
        {
            DataPlatform.TestKit.Leftovers.Delete(folder);
        }
    }

    [Fact]
    public async Task A_late_turn_of_the_timer_does_not_take_back_what_a_later_attempt_left()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things", """{ "onUnexpected": "freeze", "fields": [ {"name": "id", "type": "int64"} ] }""");
        var dead = (await new ClaimStore(bed.Rows, bed.Receipts, bed.Clock, TimeSpan.FromSeconds(30)).ClaimAsync("things", "tester", "k", 1, -1, default)).Claim!.Value;
        bed.Clock.Advance(TimeSpan.FromSeconds(30));
        await Assert.ThrowsAsync<TerminalException>(() => bed.PostAsync("things", "id,z\n1,2\n", "k"));
        Assert.Equal((ReceiptState.Rejected, 2), (await bed.Batches.GetReceiptAsync(dead.Id, default)) is var kept ? (kept.State, kept.Attempt) : default);

        // A timer of another process read the dead attempt's claim before and goes on only now.
        var late = new Receipt { Id = dead.Id, Dataset = "things", State = ReceiptState.Abandoned, Attempt = 1, Started = dead.Started };
        await bed.Receipts.SettleAsync(late, _ => Task.FromResult(true), default);
        Assert.Equal(ReceiptState.Rejected, (await bed.Batches.GetReceiptAsync(dead.Id, default)).State);
        Assert.Equal(3, (await bed.PostAsync("things", "id\n1\n", "k")).Attempt);
    }

    [Fact]
    public async Task A_batch_keeps_the_contract_that_it_was_claimed_under()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things", """{ "fields": [ {"name": "id", "type": "int64"}, {"name": "name", "type": "string"} ] }""");
        using var gone = new CancellationTokenSource();
        var body = new GatedStream(Encoding.UTF8.GetBytes(Rows), 10);
        var running = bed.PostAsync("things", body, key: "k", cancellationToken: gone.Token);
        await body.Reached;
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        await bed.DefineAsync("things", """{ "fields": [ {"name": "id", "type": "int64"} ] }""");
        var receipt = await bed.PostAsync("things", Rows, "k");
        Assert.Equal((1L, 2L, 0L), (receipt.DefinitionVersion, receipt.Loaded, receipt.Quarantined));
    }

    [Fact]
    public async Task Appends_beside_replaces_are_there_or_replaced_whole()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things", """{ "writeDisposition": "replace", "fields": [ {"name": "id", "type": "int64"} ] }""");
        await Task.WhenAll(Enumerable.Range(0, 10).Select(i => Task.Run(() => bed.PostAsync("things", $"id\n{i}\n{i}\n"))));
        Assert.Equal(["2|1"], await bed.QueryAsync("things", "SELECT count(*), count(DISTINCT id) FROM t"));
        await bed.PostAsync("things", "id\n");
        Assert.Equal(["0"], await bed.QueryAsync("things", "SELECT count(*) FROM t"));
        Assert.Equal("UnreadableFile", (await Assert.ThrowsAsync<TerminalException>(() => bed.PostAsync("things", ""))).Code);
        await bed.AssertBalancedAsync("things");
    }

    private static async Task ExpireAsync(BatchBed bed)
    {
        await foreach (var row in bed.Rows.QueryAsync<BatchClaim>(ClaimStore.RowTable, "things", "batch.", "batch.~", default))
            await bed.Rows.UpsertAsync(ClaimStore.RowTable, row.Key, row.Value with { LeaseExpires = bed.Clock.GetUtcNow() }, default);
    }
}
