using System.Text;
using DataPlatform.Failures;

namespace DataPlatform.Ingestion;

public sealed class BatchMergeTests
{
    private const string Merging = """
        { "writeDisposition": "merge", "key": ["id"], "onUnexpected": "evolve",
          "fields": [ {"name": "id", "type": "int64", "required": true}, {"name": "v", "type": "string"} ] }
        """;

    [Fact]
    public async Task Fields_that_turn_up_in_the_middle_of_a_batch_are_merged()
    {
        await using var bed = new BatchBed(IngestionLimits.Default with { BlockRows = 2, Encoders = 1, FileBytes = 1 });
        await bed.DefineAsync("things", Merging);
        var receipt = await bed.PostAsync("things", Encoding.UTF8.GetBytes(
            "{\"id\":1,\"v\":\"a\"}\n{\"id\":2,\"v\":\"b\"}\n{\"id\":3,\"x\":\"new\"}\n{\"id\":1,\"v\":\"c\",\"y\":7}\n"), "application/x-ndjson");
        Assert.Equal((4, 3, 1), (receipt.Received, receipt.Loaded, receipt.Duplicate));
        Assert.Equal(["1|c|NULL|7", "2|b|NULL|NULL", "3|NULL|new|NULL"], await bed.QueryAsync("things", "SELECT id, v, x, y FROM t ORDER BY id"));
        await bed.AssertBalancedAsync("things");
    }

    [Fact]
    public async Task A_key_may_become_another_field_even_a_new_one()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things", Merging);
        await bed.PostAsync("things", "id,v\n1,a\n2,b\n");
        await bed.DefineAsync("things", """
            { "writeDisposition": "merge", "key": ["code"],
              "fields": [ {"name": "id", "type": "int64"}, {"name": "v", "type": "string"}, {"name": "code", "type": "int64", "required": true} ] }
            """);
        await bed.PostAsync("things", "id,v,code\n1,c,10\n2,d,20\n");
        Assert.Equal(["1|a|NULL", "2|b|NULL", "1|c|10", "2|d|20"], await bed.QueryAsync("things", "SELECT id, v, code FROM t ORDER BY code NULLS FIRST, id"));

        // The only file that can hold the key lies beside those that lack the column; this one misses it.
        await bed.PostAsync("things", "id,v,code\n3,e,5\n");
        await bed.PostAsync("things", "id,v,code\n3,E,5\n1,C,10\n");
        Assert.Equal(
            ["1|a|NULL", "2|b|NULL", "3|E|5", "1|C|10", "2|d|20"],
            await bed.QueryAsync("things", "SELECT id, v, code FROM t ORDER BY code NULLS FIRST, id"));
        await bed.AssertBalancedAsync("things");
    }

    [Fact]
    public async Task The_last_moments_of_time_are_merged()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things", """
            { "writeDisposition": "merge", "key": ["until"], "fields": [ {"name": "until", "type": "timestamp", "required": true}, {"name": "v", "type": "string"} ] }
            """);
        const string Body = "until,v\n9999-12-31T23:59:59.999999Z,a\n9999-12-31T23:59:59.999999Z,b\n0001-01-01T00:00:00Z,c\n1969-12-31T23:59:59.999999Z,d\n";
        await bed.PostAsync("things", Body);
        await bed.PostAsync("things", Body);
        await bed.PostAsync("things", "until,v\n1969-12-31T23:59:59.999999Z,e\n");
        Assert.Equal(["c", "e", "b"], await bed.QueryAsync("things", "SELECT v FROM t ORDER BY until"));
        await bed.AssertBalancedAsync("things");
    }

    [Fact]
    public async Task Long_texts_are_found_as_keys()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things", """
            { "writeDisposition": "merge", "key": ["k"], "fields": [ {"name": "k", "type": "string", "required": true}, {"name": "v", "type": "string"} ] }
            """);
        string[] keys =
        [
            "", "a", new('z', 40), new('z', 300), new('é', 100), new string('a', 31) + "😀😀😀", string.Concat(Enumerable.Repeat("\U0010FFFF", 40)),
            string.Concat(Enumerable.Repeat("\uD7FF", 33)), "a\0b", "tab\tend ", new string('q', 20_000),
        ];
        foreach (var key in keys)
        {
            await bed.PostAsync("things", $"k,v\n\"{key}\",1\n");
            await bed.PostAsync("things", $"k,v\n\"{key}\",2\n");
            await bed.PostAsync("things", $"k,v\n\"{key}\",2\n\"{key}\",3\n");
        }

        await bed.PostAsync("things", "k,v\n" + string.Concat(keys.Select(key => $"\"{key}\",4\n")));
        Assert.Equal([$"{keys.Length}|4|4"], await bed.QueryAsync("things", "SELECT count(*), min(v), max(v) FROM t"));
        await bed.AssertBalancedAsync("things");
    }

    [Fact]
    public async Task Thirty_merges_at_once_all_come_through()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things", Merging);
        await Task.WhenAll(Enumerable.Range(0, 30).Select(i => Task.Run(() => bed.PostAsync("things", $"id,v\n{i},x\n100,{i}\n"))));
        Assert.Equal(["31"], await bed.QueryAsync("things", "SELECT count(*) FROM t"));
        await bed.AssertBalancedAsync("things");
    }

    [Fact]
    public async Task Merges_of_two_processes_lose_and_double_nothing()
    {
        var folder = Directory.CreateTempSubdirectory("dataplatform-two-").FullName;
        try
        {
            await using var one = new BatchBed(folder: folder);
            await using var two = new BatchBed(folder: folder, clock: one.Clock);
            await one.DefineAsync("things", Merging);
            var receipts = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => Task.Run(async () =>
                await (i % 2 == 0 ? one : two).PostAsync("things", $"id,v\n{i},x\n100,{i}\n100,again\n"))));
            Assert.All(receipts, receipt => Assert.Equal((3, 2, 1), (receipt.Received, receipt.Loaded, receipt.Duplicate)));
            Assert.Equal(["13"], await two.QueryAsync("things", "SELECT count(*) FROM t"));
            await Task.WhenAll(one.Settlement.SettleAsync(default), two.Settlement.SettleAsync(default));
            await one.AssertBalancedAsync("things");
            await two.AssertBalancedAsync("things");
        }
        finally
        {
            DataPlatform.TestKit.Leftovers.Delete(folder);
        }
    }

    [Fact]
    public async Task A_key_of_another_type_than_the_tables_is_refused_by_name()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things", Merging);
        await bed.PostAsync("things", "id,v\n1,a\n");
        await bed.DefineAsync("things", """
            { "writeDisposition": "merge", "key": ["id"], "fields": [ {"name": "id", "type": "string", "required": true}, {"name": "v", "type": "string"} ] }
            """);
        var failure = await Assert.ThrowsAsync<TerminalException>(() => bed.PostAsync("things", "id,v\nx,a\n"));
        Assert.Equal(("SchemaMismatch", "id"), (failure.Code, failure.Target));
        await bed.AssertBalancedAsync("things");
    }

    [Fact]
    public async Task A_merge_that_lost_rows_on_the_way_does_not_balance()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things", Merging);
        await bed.PostAsync("things", "id,v\n1,a\n2,b\n3,c\n");
        await bed.PostAsync("things", "id,v\n2,B\n4,D\n");
        await bed.AssertBalancedAsync("things");

        // A commit that says it merged one row, and drops the file with the others.
        var snapshot = await bed.SnapshotAsync("things");
        var commits = new List<DataPlatform.Tables.Commit>();
        await foreach (var known in bed.Table("things").ReadCommitsAsync(0, null, default))
            commits.Add(known);
        var merged = Assert.Single(commits);
        await bed.Table("things").CommitAsync(
            new DataPlatform.Tables.TableChange
            {
                Operation = "MERGE",
                Columns = snapshot.Columns,
                ReadVersion = snapshot.Version,
                Remove = [snapshot.Files[0].Path],
                Batches = [merged.Batches[0] with { Id = merged.Batches[0].Id[..^1] + (merged.Batches[0].Id[^1] == '0' ? "1" : "0") }],
                Extra = new System.Text.Json.Nodes.JsonObject { ["updated"] = 1 },
            },
            default);
        await bed.Settlement.SettleAsync(default);
        var proof = await bed.ProveAsync("things");
        Assert.False(proof.Proven);
        var difference = Assert.Single(proof.Checks.SelectMany(check => check.Differences));
        Assert.Equal(2, difference.TableVersion);
        Assert.Contains("Version 2", difference.Message, StringComparison.Ordinal);
    }
}
