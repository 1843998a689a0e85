using System.Security.Cryptography;
using System.Text;
using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Ingestion.Batches;
using DataPlatform.Ingestion.Realtime;
using DataPlatform.Lake;
using DataPlatform.Operations;
using Microsoft.Extensions.DependencyInjection;

namespace DataPlatform.Ingestion;

public sealed class RecordServiceTests
{
    [Fact]
    public async Task A_row_is_in_the_table_when_its_receipt_comes()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things");
        var receipt = await PostAsync(bed, """{"id": 1, "name": "a", "amount": 2.5}""");

        Assert.Equal((ReceiptState.Committed, "realtime", 1, 1, 0, 0L), (receipt.State, receipt.Service, receipt.Received, receipt.Loaded, receipt.Quarantined, receipt.TableVersion!.Value));
        Assert.Equal([$"1|a|2.5|NULL|{receipt.Id}|1"], await bed.QueryAsync("things", "SELECT id, name, amount, \"at\", _batch, _row FROM t"));
        Assert.Equal(receipt, await bed.Batches.GetReceiptAsync(receipt.Id, default));
        await bed.AssertBalancedAsync("things");
    }

    [Fact]
    public async Task Requests_at_the_same_time_share_a_commit_and_each_has_its_own_receipt()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things");
        var bodies = Enumerable.Range(0, 40).Select(i => (i % 4) switch
        {
            0 => ($$"""{"id": {{i}}, "name": "one"}""", 1, 0),
            1 => ($$"""{"id": {{i}}}{{"\n"}}{"id": "no number"}{{"\n"}}{"id": {{i + 1000}}}{{"\n"}}""", 2, 1),
            2 => ($$"""[{"id": {{i}}}, {"id": {{i + 1000}}, "amount": -1}, {"id": {{i + 2000}}}, {"nobody": true}]""", 2, 2),
            _ => ($$"""{"name": "no id {{i}}"}""", 0, 1),
        }).ToList();
        var receipts = await Task.WhenAll(bodies.Select((body, i) => PostAsync(bed, body.Item1, i % 4 == 1 ? "application/x-ndjson" : "application/json")));

        Assert.InRange((await bed.SnapshotAsync("things")).Version, 0, 20);
        foreach (var (receipt, (body, loaded, quarantined)) in receipts.Zip(bodies))
        {
            Assert.Equal((loaded + quarantined, loaded, quarantined), (receipt.Received, receipt.Loaded, receipt.Quarantined));
            Assert.Equal(receipt, await bed.Batches.GetReceiptAsync(receipt.Id, default));
            Assert.Equal(
                Enumerable.Range(1, loaded + quarantined).Select(row => $"{row}").Order(StringComparer.Ordinal),
                (await bed.QueryAsync("things", $"SELECT _row FROM t WHERE _batch = '{receipt.Id}'"))
                    .Concat((await bed.QuarantineAsync(receipt)).Select(row => row["row"]!.ToString())).Order(StringComparer.Ordinal));
            Assert.Equal(body, Encoding.UTF8.GetString(await RawAsync(bed, receipt)));
            Assert.Equal(receipt.Sha256, Convert.ToHexStringLower(SHA256.HashData(await RawAsync(bed, receipt))));
        }

        await bed.AssertBalancedAsync("things");
    }

    [Fact]
    public async Task A_body_that_is_refused_does_not_touch_its_neighbours()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things", """
            { "fields": [ {"name": "id", "type": "int64", "required": true}, {"name": "name", "type": "string"} ],
              "onUnexpected": { "columns": "evolve", "types": "freeze" } }
            """);
        string[] poison = ["[{\"id\": 1, \"extra\": 5}, {\"id\": 2}", "{\"id\": 7, \"more\": 1}\n{\"id\": \"x\"}", "", "\u0001", "[1, 2"];
        var posts = Enumerable.Range(0, 60).Select(i => i % 3 == 0
            ? FailureAsync(() => PostAsync(bed, poison[i / 3 % poison.Length]))
            : PostAsync(bed, $$"""[{"id": {{i}}, "name": "n"}, {"id": {{i + 100}}, "name": "m"}]""").ContinueWith(post => (TerminalException?)null, TaskScheduler.Default)).ToList();
        var failures = await Task.WhenAll(posts);

        Assert.Equal(20, failures.Count(failure => failure is { Code: "UnreadableFile" or "UnexpectedType", Receipt: not null }));
        Assert.Equal(["80|80|80"], await bed.QueryAsync("things", "SELECT count(*), count(DISTINCT id), count(name) FROM t"));
        Assert.DoesNotContain((await bed.SnapshotAsync("things")).Columns, column => column.Name is "extra" or "more");
        await bed.AssertBalancedAsync("things");
    }

    [Fact]
    public async Task An_idempotency_key_stands_for_its_batch()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things");
        var first = await PostAsync(bed, """{"id": 1}""", key: "k");
        Assert.Equal(first, await PostAsync(bed, """{"id": 1}""", key: "k"));
        Assert.Equal("IdempotencyKeyReused", (await FailureAsync(() => PostAsync(bed, """{"id": 2}""", key: "k")))!.Code);
        Assert.NotEqual(first.Id, (await PostAsync(bed, """{"id": 1}""", key: "other")).Id);

        // At the same time: the second one waits for the first.
        var same = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => PostAsync(bed, $$"""{"id": {{10 + (i % 5)}}}""", key: $"key{i % 5}")));
        Assert.Equal(5, same.Select(receipt => receipt.Id).Distinct().Count());
        Assert.Equal(["7"], await bed.QueryAsync("things", "SELECT count(*) FROM t"));
        await bed.AssertBalancedAsync("things");
    }

    [Fact]
    public async Task A_key_whose_attempt_died_is_taken_up_again()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things");
        var store = new ClaimStore(bed.Rows, bed.Receipts, bed.Clock, TimeSpan.FromSeconds(30));
        var claim = store.Create(BatchId.Create("things", bed.Clock.GetUtcNow()), "things", "tester", "k", store.Now(), 1, -1);
        Assert.True(await store.TryClaimAsync([claim], default));

        Assert.Equal("BatchInProgress", (await FailureAsync(() => PostAsync(bed, """{"id": 1}""", key: "k")))!.Code);
        bed.Clock.Advance(TimeSpan.FromSeconds(31));
        var receipt = await PostAsync(bed, """{"id": 1}""", key: "k");
        Assert.Equal((claim.Id, 2, "realtime"), (receipt.Id, receipt.Attempt, receipt.Service));
        Assert.Equal(["1"], await bed.QueryAsync("things", "SELECT count(*) FROM t"));
    }

    [Fact]
    public async Task Claims_end_and_receipts_are_there_after_a_stop()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things");
        var receipts = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => PostAsync(bed, $$"""{"id": {{i}}}""", key: i % 2 == 0 ? $"k{i}" : null)));
        await bed.Services.GetRequiredService<RecordService>().DisposeAsync();

        foreach (var receipt in receipts)
            Assert.Equal(receipt, await bed.Receipts.FindAsync(receipt.Id, default));
        await foreach (var claim in bed.Rows.QueryAsync<BatchClaim>(ClaimStore.RowTable, "things", "batch.", "batch.~", default))
            Assert.Fail($"{claim.Key} is left");
    }

    [Fact]
    public async Task Each_request_meets_the_contract_of_its_time()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things");
        var first = await PostAsync(bed, """{"id": 1, "name": "a"}""");
        await bed.DefineAsync("things", """{ "fields": [ {"name": "id", "type": "int64", "min": 5}, {"name": "name", "type": "string"}, {"name": "more", "type": "bool"} ] }""");
        var second = await PostAsync(bed, """{"id": 1, "more": true}""");
        var third = await PostAsync(bed, """{"id": 6, "more": true}""");

        Assert.Equal((1, 0, 1), (first.Loaded, second.Loaded, third.Loaded));
        Assert.Equal((1, 2), (first.DefinitionVersion!.Value, third.DefinitionVersion!.Value));
        Assert.Equal(["1|NULL", "6|True"], await bed.QueryAsync("things", "SELECT id, more FROM t ORDER BY id"));
    }

    [Fact]
    public async Task A_group_that_the_table_does_not_take_is_answered_one_by_one()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things");
        await PostAsync(bed, """{"id": 1, "name": "a"}""");
        await bed.DefineAsync("things", """{ "fields": [ {"name": "id", "type": "int64"}, {"name": "name", "type": "int64"} ] }""");
        var failures = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => FailureAsync(() => PostAsync(bed, """{"id": 2, "name": 3}""", key: i % 2 == 0 ? $"k{i}" : null))));
        Assert.All(failures, failure => Assert.Equal(("SchemaMismatch", true), (failure!.Code, failure.Receipt is not null)));
        foreach (var failure in failures)
            Assert.Equal(RecordService.Name, (await bed.Batches.GetReceiptAsync(failure!.Receipt!.Split('/')[^1], default)).Service);

        await bed.DefineAsync("things");
        Assert.Equal(1, (await PostAsync(bed, """{"id": 4, "name": "b"}""", key: "k0")).Loaded);
        Assert.Equal(["1|a", "4|b"], await bed.QueryAsync("things", "SELECT id, name FROM t ORDER BY id"));
        await bed.AssertBalancedAsync("things");
    }

    [Fact]
    public async Task New_fields_become_columns_where_the_contract_evolves()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things", """{ "fields": [ {"name": "id", "type": "int64"} ], "onUnexpected": "evolve" }""");
        await Task.WhenAll(Enumerable.Range(0, 12).Select(i => PostAsync(bed, $$"""{"id": {{i}}, "c{{i % 3}}": "v{{i}}"}""")));

        Assert.Equal(["12|4|4|4"], await bed.QueryAsync("things", "SELECT count(*), count(c0), count(c1), count(c2) FROM t"));
    }

    [Fact]
    public async Task Unique_keys_and_warnings_are_counted_by_request()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things", """
            { "fields": [ {"name": "id", "type": "int64", "required": true}, {"name": "v", "type": "int64"} ], "key": ["id"], "unique": true,
              "checks": [ {"name": "small", "condition": "v < 10", "onFail": "warn"} ] }
            """);
        var receipts = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => PostAsync(bed, $$"""[{"id": 1, "v": 1}, {"id": 1, "v": 2}, {"id": {{i + 2}}, "v": 99}]""")));

        foreach (var receipt in receipts)
            Assert.Equal((3, 2, 1, 1L), (receipt.Received, receipt.Loaded, receipt.Duplicate, receipt.Warnings!["small"]));
        await bed.AssertBalancedAsync("things");
    }

    [Theory]
    [InlineData("merge")]
    [InlineData("replace")]
    public async Task Datasets_that_depend_on_their_rows_take_requests_one_by_one(string disposition)
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things", $$"""{ "writeDisposition": "{{disposition}}", "key": ["id"], "fields": [ {"name": "id", "type": "int64", "required": true}, {"name": "v", "type": "int64"} ] }""");
        await PostAsync(bed, """{"id": 1, "v": 1}""");
        var receipt = await PostAsync(bed, """{"id": 1, "v": 2}""");

        Assert.Equal("realtime", receipt.Service);
        Assert.Equal(["1|2"], await bed.QueryAsync("things", "SELECT id, v FROM t"));
        await bed.AssertBalancedAsync("things");
    }

    [Fact]
    public async Task Too_much_is_refused_and_the_way_for_it_named()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things");
        var bytes = await FailureAsync(() => PostAsync(bed, new string(' ', (1 << 20) + 1)));
        var rows = await FailureAsync(() => PostAsync(bed, string.Concat(Enumerable.Repeat("{\"id\":1}\n", 10_001)), "application/x-ndjson"));
        var csv = await FailureAsync(() => PostAsync(bed, "id\n1\n", "text/csv"));

        Assert.Equal((FailureKind.TooLarge, "BodyTooLarge"), (bytes!.Kind, bytes.Code));
        Assert.Equal((FailureKind.TooLarge, "TooManyRows"), (rows!.Kind, rows.Code));
        Assert.Equal(FailureKind.UnsupportedMediaType, csv!.Kind);
        Assert.All([bytes, rows, csv], failure => Assert.Contains("/api/v1/ingest/things/batches", failure.Message, StringComparison.Ordinal));
        Assert.Equal("DatasetNotFound", (await FailureAsync(() => PostAsync(bed, "{}", dataset: "nothing")))!.Code);
        Assert.Equal(10_000, (await PostAsync(bed, string.Concat(Enumerable.Repeat("{\"id\":1}\n", 10_000)), "application/x-ndjson")).Loaded);
        await bed.AssertBalancedAsync("things");
    }

    [Fact]
    public async Task Personal_values_are_protected_in_every_place()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things", """
            { "fields": [ {"name": "id", "type": "int64", "required": true}, {"name": "email", "type": "string", "pii": "mask"} ], "raw": "redacted" }
            """);
        var receipts = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => PostAsync(bed, $$"""[{"id": {{i}}, "email": "secret@x"}, {"email": "secret@y"}]""")));

        foreach (var receipt in receipts)
        {
            var raw = Encoding.UTF8.GetString(await RawAsync(bed, receipt));
            Assert.Equal(2, raw.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
            Assert.DoesNotContain("secret", raw, StringComparison.Ordinal);
            Assert.DoesNotContain("secret", Assert.Single(await bed.QuarantineAsync(receipt)).ToJsonString(), StringComparison.Ordinal);
        }

        Assert.Equal(["xxxxxx@x"], await bed.QueryAsync("things", "SELECT DISTINCT email FROM t"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Lost_requests_and_answers_neither_lose_nor_double_a_row(int seed)
    {
        var folder = Directory.CreateTempSubdirectory("dataplatform-records-").FullName;
        try
        {
            var chaos = new Chaos(seed, losses: 0.03) { IsOn = false };
            await using var one = new BatchBed(folder: folder, chaos: chaos);
            await using var two = new BatchBed(folder: folder, clock: one.Clock, chaos: chaos);
            await one.DefineAsync("things", """{ "fields": [ {"name": "id", "type": "int64", "required": true}, {"name": "v", "type": "int64"} ] }""");
            chaos.IsOn = true;
            var senders = Enumerable.Range(0, 8).Select(sender => Task.Run(() => SendAsync(sender % 2 == 0 ? one : two, sender, new Random((seed * 100) + sender)))).ToList();
            while (!senders.TrueForAll(sender => sender.IsCompleted))
            {
                await Task.WhenAny(Task.WhenAll(senders), Task.Delay(20));
                one.Clock.Advance(TimeSpan.FromSeconds(4));
                await TryAsync(() => Task.WhenAll(one.Settlement.SettleAsync(default), two.Settlement.SettleAsync(default)));
            }

            var sent = (await Task.WhenAll(senders)).SelectMany(receipts => receipts).ToList();
            chaos.IsOn = false;
            one.Clock.Advance(TimeSpan.FromSeconds(31));
            await two.Settlement.SettleAsync(default);

            // Under keys: each row once. Without: at least once, exactly as often as the ledger has batches.
            foreach (var (receipt, loaded, quarantined) in sent)
            {
                Assert.Equal((loaded + quarantined, loaded, quarantined), (receipt.Received, receipt.Loaded, receipt.Quarantined));
                Assert.Equal(receipt.Id, (await one.Batches.GetReceiptAsync(receipt.Id, default)).Id);
                Assert.Equal(quarantined, (await one.QuarantineAsync(receipt)).Count);
                Assert.Equal([$"{loaded}"], await one.QueryAsync("things", $"SELECT count(*) FROM t WHERE _batch = '{receipt.Id}'"));
            }

            Assert.Empty(await one.QueryAsync("things", "SELECT id FROM t WHERE v = 1 GROUP BY id HAVING count(*) <> 1"));
            foreach (var bed in new[] { one, two })
                await bed.AssertBalancedAsync("things");
            await foreach (var claim in one.Rows.QueryAsync<BatchClaim>(ClaimStore.RowTable, "things", "batch.", "batch.~", default))
                Assert.Fail($"{claim.Key} is left");
        }
        finally
        {
            DataPlatform.TestKit.Leftovers.Delete(folder);
        }
    }

    /// <summary>Sends requests, each until it has a receipt; rows under keys have v = 1.</summary>
    private static async Task<IReadOnlyList<(Receipt Receipt, int Loaded, int Quarantined)>> SendAsync(BatchBed bed, int sender, Random random)
    {
        var sent = new List<(Receipt, int, int)>();
        for (var i = 0; i < 12; i++)
        {
            var key = random.Next(2) == 0 ? $"{sender}-{i}" : null;
            var (good, bad) = (random.Next(4), random.Next(3));
            var body = string.Concat(Enumerable.Range(0, good).Select(row => $$"""{"id": {{(sender * 10000) + (i * 100) + row}}, "v": {{(key is null ? 0 : 1)}}}{{"\n"}}"""))
                + string.Concat(Enumerable.Repeat("{\"id\": \"bad\"}\n", bad));
            Receipt? receipt = null;
            while (receipt is null)
                await TryAsync(async () => receipt = await PostAsync(bed, body, "application/x-ndjson", key));
            sent.Add((receipt, good, bad));
            if (key is not null && random.Next(3) == 0)
            {
                Receipt? again = null;
                while (again is null)
                    await TryAsync(async () => again = await PostAsync(bed, body, "application/x-ndjson", key));
                Assert.Equal(receipt.Id, again.Id);
            }
        }

        return sent;
    }

    private static async Task TryAsync(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (TransientException)
        {
            // As a client: again.
        }
        catch (TerminalException failure) when (failure.Code == "BatchInProgress")
        {
            await Task.Delay(5);
        }
    }

    private static async Task<TerminalException?> FailureAsync(Func<Task> work) => await Assert.ThrowsAsync<TerminalException>(work);

    private static Task<Receipt> PostAsync(BatchBed bed, string body, string type = "application/json", string? key = null, string dataset = "things") =>
        bed.Services.GetRequiredService<RecordService>().IngestAsync(
            new BatchRequest(dataset, "tester", key, type, null, new MemoryStream(Encoding.UTF8.GetBytes(body))), default);

    private static async Task<byte[]> RawAsync(BatchBed bed, Receipt receipt)
    {
        await using var stream = await bed.Objects.OpenReadAsync(LakePath.Parse(receipt.Raw!), receipt.RawRange, default);
        using var copy = new MemoryStream();
        await stream.CopyToAsync(copy);
        return copy.ToArray();
    }
}
