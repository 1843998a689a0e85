using DataPlatform.Failures;
using DataPlatform.Tables;

namespace DataPlatform.Operational;

public sealed class OperationalStoreTests
{
    [Fact]
    public async Task A_batch_can_be_read_by_key_as_soon_as_it_has_its_receipt()
    {
        await using var bed = new OperationalBed();
        await bed.DefineAsync("orders");
        await bed.PostAsync("orders", """
            {"id":"a","n":9223372036854775807,"amount":1234567890123456.7890,"x":0.1,"at":"2026-01-02T03:04:05.000006+01:00","meta":{"k":[1.50,null]}}
            {"id":"a/b","n":1}
            {"id":"a","n":2,"meta":"text"}
            {"id":"c","meta":7}
            """);
        Assert.Equal("""{"id":"a","n":2,"amount":null,"x":null,"at":null,"meta":"text"}""", await bed.GetAsync("orders", "a"));
        Assert.Equal("""{"id":"a/b","n":1,"amount":null,"x":null,"at":null,"meta":null}""", await bed.GetAsync("orders", "a~2Fb"));
        await bed.PostAsync("orders", """{"id":"a","n":9223372036854775807,"amount":1234567890123456.7890,"x":0.1,"at":"2026-01-02T03:04:05.000006+01:00","meta":{"k":[1.50,null]}}""");
        Assert.Equal(
            """{"id":"a","n":9223372036854775807,"amount":1234567890123456.789,"x":0.1,"at":"2026-01-02T02:04:05.000006Z","meta":{"k":[1.50,null]}}""",
            await bed.GetAsync("orders", "a"));
        Assert.Equal(["a", "a~2Fb", "c"], (await bed.ListAsync("orders")).Keys);
        Assert.Equal("RowNotFound", (await Assert.ThrowsAsync<TerminalException>(() => bed.GetAsync("orders", "b"))).Code);
        await bed.AssertBalancedAsync("orders");
    }

    [Fact]
    public async Task A_single_row_can_be_read_by_key_as_soon_as_it_is_acknowledged()
    {
        await using var bed = new OperationalBed();
        await bed.DefineAsync("orders");
        for (var n = 0; n < 3; n++)
        {
            await bed.RecordAsync("orders", $$"""{"id":"a","n":{{n}}}""");
            Assert.Contains($"\"n\":{n},", await bed.GetAsync("orders", "a"), StringComparison.Ordinal);
        }

        await bed.AssertBalancedAsync("orders");
    }

    [Theory]
    [InlineData("append")]
    [InlineData("merge")]
    public async Task A_key_is_found_whichever_partition_its_latest_row_is_in(string disposition)
    {
        await using var bed = new OperationalBed();
        await bed.DefineAsync("orders", $$"""
            { "operational": true, "key": ["id"], "writeDisposition": "{{disposition}}", "partitionBy": ["kind"],
              "fields": [ {"name": "id", "type": "string", "required": true}, {"name": "kind", "type": "string"}, {"name": "n", "type": "int64"} ] }
            """);
        await bed.PutAsync("orders", "a", """{"id":"a","kind":"x","n":1}""");
        await bed.PostAsync("orders", string.Concat(Enumerable.Range(0, 30).Select(n => $"{{\"id\":\"b{n}\",\"kind\":\"k{n % 10}\",\"n\":{n}}}\n")));
        await bed.PatchAsync("orders", "a", """{"kind":"y"}""");
        await bed.RecordAsync("orders", """[{"id":"b1","kind":"k2","n":100},{"id":"b2","n":101}]""");
        await bed.DeleteAsync("orders", "b3");
        await bed.ForgetCursorsAsync("orders");
        await bed.Projection.AdvanceAsync("orders", null, default);

        Assert.Equal("""{"id":"a","kind":"y","n":1}""", await bed.GetAsync("orders", "a"));
        Assert.Equal("""{"id":"b1","kind":"k2","n":100}""", await bed.GetAsync("orders", "b1"));
        Assert.Equal("""{"id":"b2","kind":null,"n":101}""", await bed.GetAsync("orders", "b2"));
        Assert.Equal("RowNotFound", (await Assert.ThrowsAsync<TerminalException>(() => bed.GetAsync("orders", "b3"))).Code);
        Assert.Equal(30, (await bed.ListAsync("orders")).Count);
        Assert.Equal(["kind"], (await bed.Table("orders").TryGetSnapshotAsync(null, default))!.PartitionColumns);
        await bed.AssertBalancedAsync("orders");
    }

    [Fact]
    public async Task Of_rows_that_share_a_commit_the_last_one_in_it_is_the_latest()
    {
        await using var bed = new OperationalBed();
        await bed.DefineAsync("orders");
        await Task.WhenAll(Enumerable.Range(0, 40).Select(n => Task.Run(() => bed.RecordAsync("orders", $$"""{"id":"a","n":{{n}}}"""))));
        var stored = await bed.GetAsync("orders", "a");

        // The order of the rows in the table: by version, and in a file as they were written.
        var last = (await bed.QueryAsync("orders", "SELECT n FROM t"))[^1];
        Assert.Contains($"\"n\":{last},", stored, StringComparison.Ordinal);
        await foreach (var row in bed.Rows.QueryAsync(OperationalRows.RowTable, "orders.state", null, null, default))
            await bed.Rows.TryDeleteAsync(OperationalRows.RowTable, row.Key, null, default);
        await bed.Projection.AdvanceAsync("orders", null, default);
        Assert.Equal(stored, await bed.GetAsync("orders", "a"));
        Assert.True((await bed.Table("orders").TryGetSnapshotAsync(null, default))!.Version < 39);
    }

    [Fact]
    public async Task A_row_is_put_patched_and_deleted_under_its_etag()
    {
        await using var bed = new OperationalBed();
        await bed.DefineAsync("orders");
        var first = await bed.PutAsync("orders", "k", """{"n":1,"amount":1.5,"meta":{"a":1,"b":2}}""", "*");
        Assert.True(first.Created);
        Assert.Equal("RowExists", (await Assert.ThrowsAsync<TerminalException>(() => bed.PutAsync("orders", "k", "{}", "*"))).Code);

        var second = await bed.PatchAsync("orders", "k", """{"n":null,"x":2e-3,"meta":{"a":null,"c":3}}""", first.Item!.ETag);
        Assert.False(second.Created);
        Assert.Equal("""{"id":"k","n":null,"amount":1.5,"x":0.002,"at":null,"meta":{"b":2,"c":3}}""", await bed.GetAsync("orders", "k"));

        var changed = await Assert.ThrowsAsync<TerminalException>(() => bed.PatchAsync("orders", "k", """{"n":7}""", first.Item.ETag));
        Assert.Equal((FailureKind.PreconditionFailed, "RowChanged"), (changed.Kind, changed.Code));
        Assert.Equal("RowChanged", (await Assert.ThrowsAsync<TerminalException>(() => bed.DeleteAsync("orders", "k", first.Item.ETag))).Code);

        Assert.Null((await bed.DeleteAsync("orders", "k", second.Item!.ETag)).Item);
        Assert.Equal("RowNotFound", (await Assert.ThrowsAsync<TerminalException>(() => bed.GetAsync("orders", "k"))).Code);
        Assert.Equal("RowNotFound", (await Assert.ThrowsAsync<TerminalException>(() => bed.DeleteAsync("orders", "k"))).Code);
        Assert.Equal("RowNotFound", (await Assert.ThrowsAsync<TerminalException>(() => bed.PatchAsync("orders", "k", "{}"))).Code);
        Assert.Equal("RowChanged", (await Assert.ThrowsAsync<TerminalException>(() => bed.PutAsync("orders", "k", "{}", second.Item.ETag))).Code);
        Assert.True((await bed.PutAsync("orders", "k", """{"id":"k","n":3}""")).Created);

        // The table has every row that was; the mark of the deletion is none.
        Assert.Equal(["k|1", "k|NULL", "k|3"], await bed.QueryAsync("orders", "SELECT id, n FROM t"));
        Assert.Equal(3, (await bed.Table("orders").TryGetSnapshotAsync(null, default))!.Version);
        await bed.AssertBalancedAsync("orders");
    }

    [Theory]
    [InlineData("""{"n":"x"}""", "RowRefused", "n")]
    [InlineData("""{"id":"other"}""", "KeyMismatch", "id")]
    [InlineData("""{"id":null}""", "RowRefused", "id")]
    [InlineData("""{"unknown":1}""", "RowRefused", "unknown")]
    [InlineData("[]", "InvalidBody", "body")]
    [InlineData("{\"n\":1}{}", "InvalidBody", "body")]
    public async Task A_row_that_is_wrong_is_told_and_stored_nowhere(string row, string code, string target)
    {
        await using var bed = new OperationalBed();
        await bed.DefineAsync("orders");
        var failure = await Assert.ThrowsAsync<TerminalException>(() => bed.PutAsync("orders", "k", row));
        Assert.Equal((code, target), (failure.Code, failure.Target));
        await bed.PutAsync("orders", "k", "{}");
        failure = await Assert.ThrowsAsync<TerminalException>(() => bed.PatchAsync("orders", "k", row));
        Assert.True(failure.Code == code || row.Contains("null", StringComparison.Ordinal), failure.Code);
        Assert.Equal(0, (await bed.Table("orders").TryGetSnapshotAsync(null, default))!.Version);
    }

    [Fact]
    public async Task The_latest_row_is_that_of_the_order_whenever_it_comes()
    {
        await using var bed = new OperationalBed();
        await bed.DefineAsync("things", OperationalBed.Ordered);
        await bed.PostAsync("things", """
            {"id":"a","seq":5,"v":"five"}
            {"id":"a","seq":-7,"v":"minus seven"}
            """);
        await bed.PostAsync("things", """{"id":"a","seq":4,"v":"late"}""");
        Assert.Contains("five", await bed.GetAsync("things", "a"), StringComparison.Ordinal);
        Assert.Equal("RowOutdated", (await Assert.ThrowsAsync<TerminalException>(() => bed.PutAsync("things", "a", """{"seq":4}"""))).Code);

        await bed.DeleteAsync("things", "a");
        await bed.PostAsync("things", """{"id":"a","seq":4,"v":"later"}""");
        Assert.Empty(await bed.ListAsync("things"));
        await bed.PostAsync("things", """{"id":"a","seq":5,"v":"again"}""");
        Assert.Contains("again", await bed.GetAsync("things", "a"), StringComparison.Ordinal);
        await bed.AssertBalancedAsync("things");
    }

    [Fact]
    public async Task Composite_keys_of_every_type_have_one_address_each()
    {
        await using var bed = new OperationalBed();
        await bed.DefineAsync("things", """
            { "operational": true, "key": ["s","i","d","m","t","u","b"], "fields": [
              {"name":"s","type":"string","required":true}, {"name":"i","type":"int32","required":true}, {"name":"d","type":"date","required":true},
              {"name":"m","type":"decimal(30,2)","required":true}, {"name":"t","type":"timestamp","required":true}, {"name":"u","type":"uuid","required":true},
              {"name":"b","type":"bool","required":true}, {"name":"v","type":"string"} ] }
            """);
        await bed.PostAsync("things", """{"s":"x,y","i":-5,"d":"1969-12-31","m":-1.5,"t":"2026-01-01T01:00:00.25+01:00","u":"0190B7C4-0000-7000-8000-00000000000A","b":true,"v":"1"}""");
        const string Path = "x~2Cy,-5,1969-12-31,-1.50,2026-01-01T00:00:00.250000Z,0190b7c4-0000-7000-8000-00000000000a,true";
        Assert.Equal(Path, Assert.Single(await bed.ListAsync("things")).Key);
        foreach (var path in (string[])[Path, "x~2Cy,-5,1969-12-31,-1.5,2026-01-01T00:00:00.25Z,0190B7C4-0000-7000-8000-00000000000A,true"])
        {
            Assert.Contains("x,y", await bed.GetAsync("things", path), StringComparison.Ordinal);
            Assert.False((await bed.PutAsync("things", path, """{"v":"2"}""")).Created);
            await bed.PatchAsync("things", path, """{"v":"3"}""");
        }

        await bed.DeleteAsync("things", Path);
        Assert.Empty(await bed.ListAsync("things"));
        Assert.Equal("InvalidKey", (await Assert.ThrowsAsync<TerminalException>(() => bed.GetAsync("things", "x,y,1969-12-31,1,z,u,b"))).Code);
        await bed.AssertBalancedAsync("things");
    }

    [Fact]
    public async Task Keys_of_any_text_are_kept_apart()
    {
        await using var bed = new OperationalBed();
        await bed.DefineAsync("orders");
        string[] keys = ["", " ", ".", "..", "/", "a/b", "%", "%2F", "#", "?", "~", "~~", "\0", "\u0085", "ü", "u\u0308", "😀", "A", "a", new('l', 1000), new string('l', 1000) + "x", new('ü', 3000)];
        await bed.PostAsync("orders", string.Concat(keys.Select((key, i) => $"{{\"id\":{OperationalBed.Quote(key)},\"n\":{i}}}\n")));
        for (var i = 0; i < keys.Length; i++)
            Assert.Contains($"\"n\":{i},", await bed.GetAsync("orders", OperationalKey.Of([keys[i]]).Path), StringComparison.Ordinal);
        Assert.Equal(keys.Length, (await bed.ListAsync("orders", top: 3)).Count);
        await bed.PutAsync("orders", "~", """{"n":100}""");
        Assert.Contains("\"n\":100,", await bed.GetAsync("orders", ""), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rows_beyond_the_row_stores_limit_lie_in_objects()
    {
        await using var bed = new OperationalBed();
        await bed.DefineAsync("orders");
        var large = new string('"', 400_000);
        await bed.PutAsync("orders", "k", $$"""{"n":1,"meta":{{OperationalBed.Quote(large)}}}""");
        Assert.Equal(large, System.Text.Json.JsonDocument.Parse(await bed.GetAsync("orders", "k")).RootElement.GetProperty("meta").GetString());
        Assert.Single(await bed.ListAsync("orders", "n eq 1"));
        await bed.PatchAsync("orders", "k", """{"n":2}""");
        await bed.PutAsync("orders", "k", """{"n":3}""");
        Assert.Equal("""{"id":"k","n":3,"amount":null,"x":null,"at":null,"meta":null}""", await bed.GetAsync("orders", "k"));
    }

    [Fact]
    public async Task A_list_can_be_filtered_paged_and_narrowed_to_a_prefix()
    {
        await using var bed = new OperationalBed();
        await bed.DefineAsync("orders");
        await bed.PostAsync("orders", string.Concat(Enumerable.Range(0, 200).Select(i =>
            $"{{\"id\":\"eu/{i:000}\",\"n\":{i},\"amount\":{i}.5,\"x\":{i}e-1,\"at\":\"2026-01-01T00:{i % 60:00}:00Z\"}}\n{{\"id\":\"us/{i:000}\"}}\n")));
        Assert.Equal(400, (await bed.ListAsync("orders", top: 7)).Count);
        Assert.Equal(200, (await bed.ListAsync("orders", prefix: "eu/")).Count);
        Assert.Equal(10, (await bed.ListAsync("orders", prefix: "us~2F01")).Count);
        Assert.Equal(["eu~2F007"], (await bed.ListAsync("orders", "n eq 7")).Keys);
        Assert.Equal(3, (await bed.ListAsync("orders", "n ge 10 and amount lt 13.0 or id eq 'us/001' and n ne 5", top: 2)).Count - 1);
        Assert.Equal(200, (await bed.ListAsync("orders", "n eq null")).Count);
        Assert.Equal(2, (await bed.ListAsync("orders", "n in (1, 2, 1000)")).Count);
        Assert.Equal(4, (await bed.ListAsync("orders", "at eq 2026-01-01T00:00:00Z")).Count);
        Assert.Equal(20, (await bed.ListAsync("orders", "x lt 2.0 and not endswith(id, 'x')")).Count);
        Assert.Equal("UnsupportedExpression", (await Assert.ThrowsAsync<TerminalException>(() => bed.ListAsync("orders", "n add 1 eq 2"))).Code);
        Assert.Equal("InvalidQueryOption", (await Assert.ThrowsAsync<TerminalException>(() => bed.Store.ListAsync(new OperationalQuery("orders", null, null, "!", 1), default))).Code);
    }

    [Fact]
    public async Task A_replacement_drops_the_keys_that_it_does_not_have()
    {
        await using var bed = new OperationalBed();
        await bed.DefineAsync("orders", OperationalBed.Contract.Replace("\"operational\"", "\"writeDisposition\": \"replace\", \"operational\"", StringComparison.Ordinal));
        await bed.PostAsync("orders", "{\"id\":\"a\",\"n\":1}\n{\"id\":\"b\",\"n\":1}\n");
        await bed.PostAsync("orders", "{\"id\":\"b\",\"n\":2}\n{\"id\":\"c\",\"n\":2}\n");
        Assert.Equal(["b", "c"], (await bed.ListAsync("orders")).Keys);
        await bed.ForgetCursorsAsync("orders");
        await bed.Projection.AdvanceAsync("orders", null, default);
        Assert.Equal(["b", "c"], (await bed.ListAsync("orders", "n eq 2")).Keys);
        await bed.PostAsync("orders", "{\"id\":\"a\",\"n\":3}\n");
        Assert.Equal(["a"], (await bed.ListAsync("orders")).Keys);
        Assert.Equal("ReplacedAsWhole", (await Assert.ThrowsAsync<TerminalException>(() => bed.PutAsync("orders", "a", "{}"))).Code);
    }

    [Fact]
    public async Task With_merge_a_deleted_key_leaves_the_table_as_sql_sees_it()
    {
        await using var bed = new OperationalBed();
        await bed.DefineAsync("orders", OperationalBed.Contract.Replace("\"operational\"", "\"writeDisposition\": \"merge\", \"operational\"", StringComparison.Ordinal));
        await bed.PostAsync("orders", "{\"id\":\"a\",\"n\":1}\n{\"id\":\"b\",\"n\":1}\n{\"id\":\"c\",\"n\":1}\n");
        await bed.PutAsync("orders", "a", """{"n":2}""");
        await bed.DeleteAsync("orders", "b");
        await bed.PostAsync("orders", "{\"id\":\"c\",\"n\":3}\n");
        Assert.Equal(["a|2", "c|3"], await bed.QueryAsync("orders", "SELECT id, n FROM t ORDER BY id"));
        Assert.Equal(["a", "c"], (await bed.ListAsync("orders")).Keys);
        await bed.PutAsync("orders", "b", """{"n":4}""");
        Assert.Equal(["a|2", "b|4", "c|3"], await bed.QueryAsync("orders", "SELECT id, n FROM t ORDER BY id"));
        await bed.AssertBalancedAsync("orders");
    }

    [Fact]
    public async Task A_contract_that_becomes_operational_or_gets_another_key_builds_the_store_from_the_table()
    {
        await using var bed = new OperationalBed();
        const string Plain = """{ "fields": [ {"name": "id", "type": "string", "required": true}, {"name": "n", "type": "int64", "required": true} ] }""";
        await bed.DefineAsync("orders", Plain);
        await bed.PostAsync("orders", "{\"id\":\"a\",\"n\":1}\n{\"id\":\"b\",\"n\":1}\n");
        await bed.PostAsync("orders", "{\"id\":\"a\",\"n\":2}\n");
        Assert.Equal("NotOperational", (await Assert.ThrowsAsync<TerminalException>(() => bed.GetAsync("orders", "a"))).Code);

        await bed.DefineAsync("orders", Plain.Replace("{ \"fields\"", "{ \"operational\": true, \"key\": [\"id\"], \"fields\"", StringComparison.Ordinal));
        await bed.Projection.AdvanceAsync("orders", null, default);
        Assert.Equal("""{"id":"a","n":2}""", await bed.GetAsync("orders", "a"));
        var etag = (await bed.Store.GetAsync("orders", "b", default)).ETag;

        await bed.DefineAsync("orders", Plain.Replace("{ \"fields\"", "{ \"operational\": true, \"key\": [\"n\"], \"fields\"", StringComparison.Ordinal));
        await bed.PostAsync("orders", "{\"id\":\"c\",\"n\":3}\n");
        Assert.Equal(["1", "2", "3"], (await bed.ListAsync("orders")).Keys);
        Assert.Equal("""{"id":"b","n":1}""", await bed.GetAsync("orders", "1"));
        Assert.Equal(etag, (await bed.Store.GetAsync("orders", "1", default)).ETag);
        await bed.ForgetCursorsAsync("orders");
        await bed.Projection.AdvanceAsync("orders", null, default);
        Assert.Equal(["1", "2", "3"], (await bed.ListAsync("orders")).Keys);
    }

    [Fact]
    public async Task A_patch_prepares_what_it_names_and_leaves_the_rest_as_it_is_stored()
    {
        await using var bed = new OperationalBed(piiKey: new string('k', 40));
        await bed.DefineAsync("people", """
            { "operational": true, "key": ["id"], "raw": "none", "fields": [
              {"name": "id", "type": "string", "required": true, "source": "ID"}, {"name": "email", "type": "string", "pii": "hash", "trim": true, "maxLength": 20},
              {"name": "km", "type": "float64", "source": "miles", "expression": "value * 2"}, {"name": "born", "type": "date", "formats": ["dd.MM.yyyy"]},
              {"name": "miles", "type": "int32", "source": "m"}, {"name": "state", "type": "string", "default": "new"} ] }
            """);
        await bed.PostAsync("people", """{"ID":"a","email":" x@y ","miles":2.5,"born":"31.12.1999","m":7}""");
        var before = await bed.GetAsync("people", "a");
        Assert.Contains("\"km\":5,\"born\":\"1999-12-31\",\"miles\":7,\"state\":\"new\"", before, StringComparison.Ordinal);

        await bed.PatchAsync("people", "a", """{"state":"old"}""");
        Assert.Equal(before.Replace("\"new\"", "\"old\"", StringComparison.Ordinal), await bed.GetAsync("people", "a"));
        await bed.PatchAsync("people", "a", """{"miles":10,"email":"x@y"}""");
        Assert.Equal(before.Replace("\"new\"", "\"old\"", StringComparison.Ordinal).Replace("\"km\":5", "\"km\":20", StringComparison.Ordinal), await bed.GetAsync("people", "a"));
        Assert.Equal("KeyMismatch", (await Assert.ThrowsAsync<TerminalException>(() => bed.PatchAsync("people", "a", """{"ID":"b"}"""))).Code);
        await bed.AssertBalancedAsync("people");
    }

    [Fact]
    public async Task Fields_that_came_unexpected_are_kept_over_a_patch()
    {
        await using var bed = new OperationalBed();
        await bed.DefineAsync("orders", OperationalBed.Contract.Replace("\"operational\"", "\"onUnexpected\": \"evolve\", \"operational\"", StringComparison.Ordinal));
        await bed.PostAsync("orders", """{"id":"a","extra":"e"}""");
        await bed.DefineAsync("orders");
        await bed.PatchAsync("orders", "a", """{"n":5}""");
        Assert.Equal("""{"id":"a","n":5,"amount":null,"x":null,"at":null,"meta":null,"extra":"e"}""", await bed.GetAsync("orders", "a"));
    }

    [Fact]
    public async Task Of_many_changes_that_expect_the_same_row_one_comes_through_in_two_processes()
    {
        var folder = Directory.CreateTempSubdirectory("dataplatform-two-").FullName;
        try
        {
            await using var one = new OperationalBed(folder);
            await using var two = new OperationalBed(folder);
            await one.DefineAsync("orders");
            for (var round = 0; round < 3; round++)
            {
                var etag = (await one.PutAsync("orders", "k", """{"n":0}""")).Item!.ETag;
                var outcomes = await Task.WhenAll(Enumerable.Range(1, 8).Select(i => Task.Run(async () =>
                {
                    try
                    {
                        await (i % 2 == 0 ? one : two).PatchAsync("orders", "k", $"{{\"n\":{i}}}", etag);
                        return i;
                    }
                    catch (TerminalException refused) when (refused.Code == "RowChanged")
                    {
                        return 0;
                    }
                })));
                var winner = Assert.Single(outcomes, outcome => outcome > 0);
                Assert.Contains($"\"n\":{winner},", await two.GetAsync("orders", "k"), StringComparison.Ordinal);
            }

            // Without a condition none is lost.
            await Task.WhenAll(Enumerable.Range(0, 6).Select(i => Task.Run(() => (i % 2 == 0 ? one : two).PatchAsync("orders", "k", $"{{\"meta\":{{\"m{i}\":{i}}}}}"))));
            Assert.Contains("""{"m0":0,"m1":1,"m2":2,"m3":3,"m4":4,"m5":5}""".Length.ToString(System.Globalization.CultureInfo.InvariantCulture),
                System.Text.Json.JsonDocument.Parse(await one.GetAsync("orders", "k")).RootElement.GetProperty("meta").GetRawText().Length.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal);
            await one.AssertBalancedAsync("orders");
        }
        finally
        {
            DataPlatform.TestKit.Leftovers.Delete(folder);
        }
    }
}
