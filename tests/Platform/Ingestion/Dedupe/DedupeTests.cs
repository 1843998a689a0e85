using System.Globalization;
using System.Text;
using DataPlatform.Failures;
using DataPlatform.Lake;
using DataPlatform.Tables;
using DataPlatform.TestKit;

namespace DataPlatform.Ingestion.Dedupe;

public sealed class DedupeTests(AzuriteFixture azurite)
{
    internal const string Contract = """
        { "key": ["id"], "dedupe": { "window": "P7D" },
          "fields": [ {"name": "id", "type": "int64", "required": true}, {"name": "v", "type": "string"} ] }
        """;

    [Fact]
    public async Task A_key_of_the_window_is_counted_and_not_loaded()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things", Contract);
        await bed.PostAsync("things", "id,v\n1,a\n2,b\n");
        var receipt = await bed.PostAsync("things", "id,v\n2,B\n3,c\n3,C\nx,broken\n1,A\n");
        Assert.Equal((5, 1, 3, 1), (receipt.Received, receipt.Loaded, receipt.Duplicate, receipt.Quarantined));
        Assert.Equal(["1|a", "2|b", "3|c"], await bed.QueryAsync("things", "SELECT id, v FROM t ORDER BY id"));
        await bed.AssertBalancedAsync("things");
    }

    [Fact]
    public async Task The_window_is_counted_back_from_the_start_of_the_batch()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things", Contract);
        await bed.PostAsync("things", "id,v\n1,a\n");
        bed.Clock.Advance(TimeSpan.FromDays(7) - TimeSpan.FromSeconds(1));
        Assert.Equal(1, (await bed.PostAsync("things", "id,v\n1,b\n")).Duplicate);
        bed.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, (await bed.PostAsync("things", "id,v\n1,c\n")).Loaded);
        bed.Clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal(1, (await bed.PostAsync("things", "id,v\n1,d\n")).Duplicate);
        Assert.Equal(["a", "c"], await bed.QueryAsync("things", "SELECT v FROM t ORDER BY v"));
        await bed.AssertBalancedAsync("things");
    }

    [Fact]
    public async Task A_batch_sent_again_under_its_key_has_the_counts_it_had()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things", Contract);
        var first = await bed.PostAsync("things", "id,v\n1,a\n1,b\n2,c\n", "k");
        var again = await bed.PostAsync("things", "id,v\n1,a\n1,b\n2,c\n", "k");
        Assert.Equal((first.Id, 2, 1), (again.Id, again.Loaded, again.Duplicate));
        var other = await bed.PostAsync("things", "id,v\n1,a\n1,b\n2,c\n");
        Assert.Equal((0, 3), (other.Loaded, other.Duplicate));
        await bed.AssertBalancedAsync("things");
    }

    [Theory]
    [InlineData("application/x-ndjson", "{\"id\":1}\n{\"id\":1}\n{\"id\":2}\n")]
    [InlineData("application/json", "[{\"id\":1},{\"id\":1},{\"id\":2}]")]
    public async Task Every_format_is_looked_at(string type, string body)
    {
        await using var bed = new BatchBed(IngestionLimits.Default with { BlockRows = 1, FileKeys = 1 });
        await bed.DefineAsync("things", Contract);
        Assert.Equal((2, 1), Counts(await bed.PostAsync("things", Encoding.UTF8.GetBytes(body), type)));
        Assert.Equal((0, 3), Counts(await bed.PostAsync("things", Encoding.UTF8.GetBytes(body), type)));
        Assert.Equal((0, 1), Counts(await bed.PostAsync("things", "id,v\n2,x\n")));
        await bed.AssertBalancedAsync("things");
    }

    [Fact]
    public async Task Sixteen_writers_of_one_key_set_leave_each_key_once()
    {
        var folder = Directory.CreateTempSubdirectory("dataplatform-dedupe-").FullName;
        List<BatchBed> beds = [];
        try
        {
            for (var i = 0; i < 4; i++)
                beds.Add(new BatchBed(IngestionLimits.Default with { BlockRows = 50, FileKeys = 100 }, folder, beds.FirstOrDefault()?.Clock));
            await beds[0].DefineAsync("things", Contract);
            await beds[0].PostAsync("things", "id,v\n0,first\n");
            // Each has looked at the table before the first of them commits.
            var bodies = Enumerable.Range(0, 16).Select(writer =>
            {
                var ids = Enumerable.Range(0, 400).ToArray();
                new Random(writer).Shuffle(ids);
                return new GatedStream(Encoding.UTF8.GetBytes("id,v\n" + string.Concat(ids.Select(id => $"{id},{writer}\n"))), 10);
            }).ToList();
            var sending = bodies.Select((body, writer) => Task.Run(() => beds[writer % 4].PostAsync("things", body))).ToList();
            await Task.WhenAll(bodies.Select(body => body.Reached));
            foreach (var body in bodies)
                body.Open();
            var receipts = await Task.WhenAll(sending);
            Assert.Equal(399, receipts.Sum(receipt => receipt.Loaded));
            Assert.All(receipts, receipt => Assert.Equal(400, receipt.Loaded + receipt.Duplicate));
            Assert.Equal(["400|400|0|399"], await beds[1].QueryAsync("things", "SELECT count(*), count(DISTINCT id), min(id), max(id) FROM t"));
            foreach (var bed in beds)
                await bed.Settlement.SettleAsync(default);
            await beds[3].AssertBalancedAsync("things");
        }
        finally
        {
            foreach (var bed in beds)
                await bed.DisposeAsync();
            DataPlatform.TestKit.Leftovers.Delete(folder);
        }
    }

    [Fact]
    public async Task Writers_on_azurite_leave_each_key_once_and_read_key_files_from_local_copies()
    {
        var storage = await azurite.GetStorageAsync();
        var dataset = "dedupe" + Guid.NewGuid().ToString("N")[..8];
        await using var one = new BatchBed(configure: options => options.Storage = storage);
        await using var two = new BatchBed(clock: one.Clock, configure: options => options.Storage = storage);
        await one.DefineAsync(dataset, Contract);
        await one.PostAsync(dataset, "id,v\n0,first\n");
        var body = "id,v\n" + string.Concat(Enumerable.Range(0, 50).Select(id => $"{id},x\n"));
        var receipts = await Task.WhenAll(Enumerable.Range(0, 6).Select(writer => Task.Run(() => (writer % 2 == 0 ? one : two).PostAsync(dataset, body))));
        Assert.Equal((49, 251), (receipts.Sum(receipt => receipt.Loaded), receipts.Sum(receipt => receipt.Duplicate)));
        Assert.Equal(["50|50"], await two.QueryAsync(dataset, "SELECT count(*), count(DISTINCT id) FROM t"));

        // Damaged in the store: written anew.
        await foreach (var file in one.Objects.ListAsync(LakePath.Parse($"lake/tables/{dataset}/_keys"), null, default))
            await one.Objects.TryPutAsync(file.Path, new byte[file.Length], PutCondition.None, null, default);
        await using var three = new BatchBed(clock: one.Clock, configure: options => options.Storage = storage);
        Assert.Equal((1, 50), Counts(await three.PostAsync(dataset, body + "50,x\n")));
        await three.AssertBalancedAsync(dataset);
    }

    [Fact]
    public async Task What_another_commit_brings_while_a_batch_is_read_is_taken_out_of_its_files()
    {
        await using var bed = new BatchBed(IngestionLimits.Default with { BlockRows = 10, FileKeys = 10, Encoders = 1 });
        await bed.DefineAsync("things", Contract.Replace("P7D", "PT1H", StringComparison.Ordinal).Replace("\"fields\"", "\"onUnexpected\": \"evolve\", \"fields\"", StringComparison.Ordinal));
        var lines = Enumerable.Range(1, 30).Select(id => string.Create(CultureInfo.InvariantCulture, $"{{\"id\":{id},\"v\":\"slow\"{(id > 15 ? ",\"late\":\"x\"" : "")}}}\n"));
        await using var body = new GatedStream(Encoding.UTF8.GetBytes(string.Concat(lines)), 40);
        var slow = Task.Run(() => bed.PostAsync("things", body, "application/x-ndjson"));
        await body.Reached;

        // Its second file loses some rows, its third all; one key is not its own.
        await bed.PostAsync("things", "id,v\n" + string.Concat(Enumerable.Range(18, 20).Select(id => $"{id},fast\n")));
        await bed.PostAsync("things", "id,v\n12,fast\n");
        body.Open();
        Assert.Equal((16, 14), Counts(await slow));
        Assert.Equal(["37|37|21"], await bed.QueryAsync("things", "SELECT count(*), count(DISTINCT id), count(*) FILTER (v = 'fast') FROM t"));
        Assert.Equal(["16|slow|x|16", "17|slow|x|17"], await bed.QueryAsync("things", "SELECT id, v, late, _row FROM t WHERE late IS NOT NULL ORDER BY id"));
        Assert.Equal((0, 2), Counts(await bed.PostAsync("things", "id,v\n17,again\n1,again\n")));
        await bed.AssertBalancedAsync("things");
    }

    [Theory]
    [InlineData("gone")]
    [InlineData("empty")]
    [InlineData("head")]
    [InlineData("filter")]
    [InlineData("page")]
    [InlineData("cut")]
    public async Task A_missing_or_damaged_key_file_is_written_anew(string damage)
    {
        var folder = Directory.CreateTempSubdirectory("dataplatform-dedupe-").FullName;
        try
        {
            byte[] before;
            string file;
            await using (var bed = new BatchBed(folder: folder))
            {
                await bed.DefineAsync("things", Contract);
                await bed.PostAsync("things", "id,v\n" + string.Concat(Enumerable.Range(0, 1000).Select(id => $"{id},a\n")));
                file = Assert.Single(Directory.GetFiles(Path.Combine(bed.StoreFolder, "objects/lake/tables/things/_keys"), "*.keys", SearchOption.AllDirectories));
                before = await File.ReadAllBytesAsync(file);
            }

            Damage(file, damage);
            await using (var bed = new BatchBed(folder: folder))
            {
                Assert.Equal((1, 500), Counts(await bed.PostAsync("things", "id,v\n" + string.Concat(Enumerable.Range(500, 501).Select(id => $"{id},b\n")))));
                Assert.Equal(before, await File.ReadAllBytesAsync(file));

                // Again, with its filter in memory.
                Damage(file, damage);
                Assert.Equal((1, 1), Counts(await bed.PostAsync("things", "id,v\n999,c\n1001,c\n")));
                Assert.Equal((0, 2), Counts(await bed.PostAsync("things", "id,v\n0,c\n1001,c\n")));
                await bed.AssertBalancedAsync("things");
            }
        }
        finally
        {
            DataPlatform.TestKit.Leftovers.Delete(folder);
        }
    }

    [Fact]
    public async Task Key_files_that_no_commit_refers_to_hide_nothing()
    {
        await using var bed = new BatchBed(IngestionLimits.Default with { BlockRows = 10, FileKeys = 1, Encoders = 1, WindowBytes = 100 });
        await bed.DefineAsync("things", Contract);
        var body = Encoding.UTF8.GetBytes("id,v\n" + string.Concat(Enumerable.Range(1, 100).Select(id => $"{id},a\n")));
        await using var dying = new GatedStream(body, body.Length - 1);
        var attempt = Task.Run(() => bed.PostAsync("things", dying, key: "k"));
        await dying.Reached;
        var keys = Path.Combine(bed.StoreFolder, "objects/lake/tables/things/_keys");
        for (var tries = 0; tries < 2000 && (!Directory.Exists(keys) || Directory.GetFiles(keys, "*.keys", SearchOption.AllDirectories).Length == 0); tries++)
            await Task.Delay(5);
        Assert.True(Directory.Exists(keys));
        dying.Fail(new IOException("gone"));
        await Assert.ThrowsAnyAsync<Exception>(() => attempt);

        Assert.Equal((1, 0), Counts(await bed.PostAsync("things", "id,v\n1,x\n")));
        Assert.Equal((99, 1), Counts(await bed.PostAsync("things", body, key: "k")));
        Assert.Equal(["100|100|1"], await bed.QueryAsync("things", "SELECT count(*), count(DISTINCT id), count(*) FILTER (v = 'x') FROM t"));
        await bed.AssertBalancedAsync("things");
    }

    [Fact]
    public async Task A_batch_that_repeats_rows_which_are_removed_meanwhile_is_to_be_sent_again()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things", Contract);
        await bed.PostAsync("things", "id,v\n1,a\n");
        await using var body = new GatedStream("id,v\n1,b\n2,b\n"u8.ToArray(), 6);
        var slow = Task.Run(() => bed.PostAsync("things", body, key: "k"));
        await body.Reached;
        var snapshot = await bed.SnapshotAsync("things");
        await bed.Table("things").CommitAsync(
            new TableChange { Operation = "DELETE", Columns = snapshot.Columns, RemoveAll = true, ReadVersion = snapshot.Version }, default);
        body.Open();
        await Assert.ThrowsAsync<TransientException>(() => slow);
        Assert.Equal((2, 0), Counts(await bed.PostAsync("things", "id,v\n1,b\n2,b\n", "k")));
    }

    [Fact]
    public async Task Keys_are_equal_by_value_whatever_way_they_are_written_and_stored()
    {
        const string Mixed = """
            { "key": ["d", "f", "s", "w", "t", "day", "b", "u", "x"], "dedupe": { "window": "P1D" },
              "fields": [ {"name": "d", "type": "decimal(10,2)", "required": true}, {"name": "f", "type": "float64", "required": true},
                          {"name": "s", "type": "string", "required": true, "trim": true, "case": "lower", "pii": "hash"}, {"name": "w", "type": "decimal(30,5)", "required": true},
                          {"name": "t", "type": "timestamp", "required": true}, {"name": "day", "type": "date", "required": true},
                          {"name": "b", "type": "bool", "required": true}, {"name": "u", "type": "uuid", "required": true}, {"name": "x", "type": "binary", "required": true} ],
              "raw": "redacted" }
            """;
        const string Head = "d,f,s,w,t,day,b,u,x\n";
        const string Rest = "2026-03-01,true,6ba7b810-9dad-11d1-80b4-00c04fd430c8,AQID\n";
        await using var bed = new BatchBed(piiKey: new string('k', 40));
        await bed.DefineAsync("things", Mixed);
        await bed.PostAsync("things", Head + "1,0,ann,12345678901234567890.5,2026-03-01T10:00:00Z," + Rest);
        Assert.Equal((0, 1), Counts(await bed.PostAsync("things", Head + "1.0,-0.0, ANN,12345678901234567890.50000,2026-03-01T11:00:00+01:00," + Rest)));

        // The same from the data file's columns, and under a contract that lists the key in another order.
        DataPlatform.TestKit.Leftovers.Delete(Path.Combine(bed.StoreFolder, "objects/lake/tables/things/_keys"));
        await using var other = new BatchBed(folder: Path.GetDirectoryName(bed.StoreFolder)!, clock: bed.Clock, piiKey: new string('k', 40));
        await other.DefineAsync("things", Mixed.Replace("\"d\", \"f\"", "\"f\", \"d\"", StringComparison.Ordinal));
        Assert.Equal((1, 1), Counts(await other.PostAsync("things", Head + "1.00,0,ann,12345678901234567890.5,2026-03-01T10:00:00Z," + Rest + "1.01,0,ann,12345678901234567890.5,2026-03-01T10:00:00Z," + Rest)));
    }

    private static void Damage(string file, string damage)
    {
        var content = File.ReadAllBytes(file);
        switch (damage)
        {
            case "gone":
                File.Delete(file);
                return;
            case "empty":
                content = [];
                break;
            case "head":
                content[9] ^= 1;
                break;
            case "filter":
                content[KeyFile.HeaderBytes + 5] ^= 1;
                break;
            case "page":
                for (var at = content.Length - 100; at > content.Length - (6 * KeyFile.PageBytes); at -= KeyFile.PageBytes)
                    content[at] ^= 1;
                break;
            case "cut":
                content = content[..^KeyFile.PageBytes];
                break;
        }

        File.WriteAllBytes(file, content);
    }

    private static (long Loaded, long Duplicate) Counts(Operations.Receipt receipt) => (receipt.Loaded, receipt.Duplicate);
}
