using System.Text;
using DataPlatform.Failures;
using DataPlatform.Operations;
using Microsoft.Extensions.DependencyInjection;

namespace DataPlatform.Ingestion.Quarantine;

public sealed class QuarantineReplayTests
{
    private const string Contract = """
        { "fields": [ {"name": "id", "type": "int32", "required": true}, {"name": "day", "type": "date"}, {"name": "amount", "type": "float64", "min": 0},
                      {"name": "name", "type": "string"} ] }
        """;

    private const string Dirty = "id,day,amount,name\n1,2026-01-01,1,a\n2,31/12/2025,2,b\n3,30/12/2025,-3,\"c, \"\"d\"\"\"\n4,2026-01-04,-,e\n";

    [Fact]
    public async Task A_dry_run_tells_what_a_replay_then_does()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things", Contract);
        var parent = await bed.PostAsync("things", Dirty);
        const string request = """{"patch": {"formats": {"day": ["d/M/yyyy"]}, "nullTokens": {"amount": ["-"]}}}""";
        var before = Preview.BatchValidatorTests.Listing(bed);
        var tried = await bed.TryAsync(request);

        Assert.Equal(("recovers 2 of 3", 3, 2, true), (tried.Result.Summary, tried.Result.Selected, tried.Result.Recovered, tried.Result.Whole));
        Assert.Equal(["amount min 1"], tried.Result.Remaining.Select(cause => $"{cause.Column} {cause.Rule} {cause.Open}"));
        Assert.Equal((3L, (long?)4, "-3"), (tried.Result.Remaining[0].Examples[0].Row, tried.Result.Remaining[0].Examples[0].Line, tried.Result.Remaining[0].Examples[0].Value!));
        Assert.Equal(before.Where(IsObject), Preview.BatchValidatorTests.Listing(bed).Where(IsObject));
        Assert.Equal("3 0 0", await bed.CountsAsync(parent));

        var done = await bed.ReplayAsync(request);
        var child = Assert.Single(done.Batches);
        Assert.Equal((ReplayStatus.Succeeded, "recovers 2 of 3", 2), (done.Status, done.Result.Summary, child.Loaded));
        Assert.Equal("1 2 0", await bed.CountsAsync(parent));
        Assert.Equal([$"1|2026-01-01|1|a|{parent.Id}|1", $"2|2025-12-31|2|b|{child.Batch}|2", $"4|2026-01-04|NULL|e|{child.Batch}|4"],
            await bed.QueryAsync("things", "SELECT id, CAST(day AS VARCHAR), amount, name, _batch, _row FROM t ORDER BY id"));
        var receipt = await bed.ReceiptAsync(child.Batch!);
        Assert.Equal((ReceiptState.Committed, "replay", parent.Id, 2, 2, 0), (receipt.State, receipt.Service, receipt.Parent, receipt.Received, receipt.Loaded, receipt.Quarantined));
        Assert.Null(receipt.Open);
        await bed.AssertBalancedAsync("things");

        static bool IsObject(string path) => !path.Contains("rows", StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dry_run_tells_rows_that_would_load_from_those_that_would_be_left_out()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things", Contract.Replace("{ \"fields\"", "{ \"checks\": [{\"name\": \"small\", \"condition\": \"id < 10\", \"onFail\": \"discard_row\"}], \"fields\"", StringComparison.Ordinal));
        await bed.PostAsync("things", "id,amount\n1,x\n2,x\n30,x\n");
        const string request = """{"patch": {"nullTokens": {"amount": ["x"]}}}""";
        var tried = Assert.Single((await bed.TryAsync(request)).Batches);
        var done = Assert.Single((await bed.ReplayAsync(request)).Batches);

        Assert.Equal((null, 2L, 0L, 1L), (tried.Batch, tried.Loaded, tried.Duplicate, tried.Discarded));
        Assert.Equal((2L, 0L, 1L), (done.Loaded, done.Duplicate, done.Discarded));
    }

    [Fact]
    public async Task A_replay_again_takes_nothing_and_its_activities_may_run_twice()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things", Contract);
        var parent = await bed.PostAsync("things", Dirty);
        const string request = """{"patch": {"formats": {"day": ["d/M/yyyy"]}, "set": {"amount": 0}}}""";
        var replay = await bed.CreateAsync(request, "key");
        Assert.Equal(replay.Id, (await bed.CreateAsync(request, "key")).Id);
        Assert.Equal("IdempotencyKeyReused", (await Assert.ThrowsAsync<TerminalException>(() => bed.CreateAsync("{}", "key"))).Code);
        Assert.Equal("recovers 3 of 3", (await bed.RunAsync(replay.Id)).Result.Summary);
        await bed.Replayer().ReplayAsync(replay.Id, parent.Id, default);
        Assert.Equal("recovers 3 of 3", (await bed.RunAsync(replay.Id)).Result.Summary);
        var again = await bed.ReplayAsync(request);

        Assert.Equal(("recovers 0 of 0", 0), (again.Result.Summary, again.Batches.Count));
        Assert.Equal(["1", "2", "3", "4"], await bed.QueryAsync("things", "SELECT id FROM t ORDER BY id"));
        Assert.Equal("0 3 0", await bed.CountsAsync(parent));
        Assert.Equal(2, (await bed.BatchesAsync()).Count);
    }

    [Fact]
    public async Task A_batch_that_is_committed_without_its_result_is_found()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things", Contract);
        var parent = await bed.PostAsync("things", Dirty);
        var replay = await bed.CreateAsync("""{"patch": {"formats": {"day": ["d/M/yyyy"]}}}""");
        var done = await bed.RunAsync(replay.Id);

        // As if the process had died behind the commit.
        var key = new Lake.RowKey("things", $"step.{replay.Id}.{parent.Id}");
        var row = (await bed.Rows.GetAsync("replays", key, default))!;
        var step = System.Text.Json.JsonSerializer.Deserialize<ReplayStep>(row.Value.Span, PlatformJson.Options)!;
        await bed.Rows.UpsertAsync("replays", key, System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(step with { Result = null }, PlatformJson.Options), default);
        await bed.Replayer().ReplayAsync(replay.Id, parent.Id, default);
        var again = await bed.Replayer().GetAsync("things", replay.Id, default);

        Assert.Equal(done.Batches[0].Batch, again.Batches[0].Batch);
        Assert.Equal((3L, 1L), (again.Result.Selected, again.Result.Recovered));
        Assert.Equal(done.Result.Remaining.Select(cause => (cause.Id, cause.Open)), again.Result.Remaining.Select(cause => (cause.Id, cause.Open)));
        Assert.Equal(2, (await bed.BatchesAsync()).Count);
    }

    [Theory]
    [InlineData("id,when,amount,name\n1,2026-01-01,1,x\n", """{"rename": {"when": "day"}}""", "1|2026-01-01|1|x")]
    [InlineData("id,colour\n1,red\n", """{"rename": {"colour": null}}""", "1|NULL|NULL|NULL")]
    [InlineData("id,amount\n1,\"1,234.5\"\n", """{"expressions": {"amount": "replace(value, ',', '')"}}""", "1|NULL|1234.5|NULL")]
    [InlineData("id,amount,name\n1,x,7\n", """{"expressions": {"amount": "name", "name": "concat('n', value)"}}""", "1|NULL|7|n7")]
    [InlineData("id,amount\n,1\n", """{"defaults": {"id": 9}}""", "9|NULL|1|NULL")]
    [InlineData("id,amount\n1,x\n", """{"set": {"amount": null, "name": "late"}}""", "1|NULL|NULL|late")]
    [InlineData("id;amount\n1;2\n", """{"definitionVersion": 2}""", "1|NULL|2|NULL")]
    public async Task A_patch_repairs_csv(string csv, string patch, string row)
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things", Contract);
        await bed.PostAsync("things", csv);
        await bed.DefineAsync("things", Contract.Replace("{ \"fields\"", "{ \"csv\": {\"delimiter\": \";\"}, \"fields\"", StringComparison.Ordinal));
        var report = await bed.ReplayAsync($"{{\"patch\": {patch}}}");

        Assert.Equal("recovers 1 of 1", report.Result.Summary);
        Assert.Equal([row], await bed.QueryAsync("things", "SELECT id, CAST(day AS VARCHAR), amount, name FROM t"));
    }

    [Theory]
    [InlineData("""{"id":1,"amount":"5"}""", """{"expressions": {"amount": "value"}}""", "1|NULL|5|NULL")]
    [InlineData("""{"id":1,"amt":5}""", """{"rename": {"amt": "amount"}}""", "1|NULL|5|NULL")]
    [InlineData("""{"id":"x","name":"é\"\n"}""", """{"set": {"id": 3}}""", "3|NULL|NULL|é\"\n")]
    [InlineData("""{"id":null}""", """{"defaults": {"id": 4}}""", "4|NULL|NULL|NULL")]
    public async Task A_patch_repairs_json(string json, string patch, string row)
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things", Contract);
        await bed.PostAsync("things", Encoding.UTF8.GetBytes($"[{json.Replace(",", ",\n", StringComparison.Ordinal)}]"), "application/json");
        var report = await bed.ReplayAsync($"{{\"patch\": {patch}}}");

        Assert.Equal("recovers 1 of 1", report.Result.Summary);
        Assert.Equal([row], await bed.QueryAsync("things", "SELECT id, CAST(day AS VARCHAR), amount, name FROM t"));
    }

    [Fact]
    public async Task Rows_that_cannot_be_taken_apart_stay_and_harm_no_other()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things", Contract);
        var csv = await bed.PostAsync("things", "id,name\nx,\"a\n\"\n2,\"b\n3\n4,5,6\ny,fine\n");
        var json = await bed.PostAsync("things", Encoding.UTF8.GetBytes("{\"id\":\n{\"id\":\"x\"}\nnull\n{\"id\":1,\"id\":2}\n"), "application/x-ndjson");
        var report = await bed.ReplayAsync("""{"patch": {"expressions": {"id": "CASE WHEN value IN ('x', 'y') THEN '7' ELSE value END"}}}""");

        Assert.Equal([$"{csv.Id} 2", $"{json.Id} 1"], report.Batches.OrderBy(batch => batch.Parent == json.Id).Select(batch => $"{batch.Parent} {batch.Counts.Recovered}"));
        Assert.Equal(["7|a\n", "7|fine", "7|NULL"], await bed.QueryAsync("things", "SELECT id, name FROM t ORDER BY name NULLS LAST"));
        Assert.Equal(["duplicate_member", "extra_value", "json", "json", "missing_value", "quote"], report.Result.Remaining.SelectMany(cause => Enumerable.Repeat(cause.Rule, (int)cause.Open)).Order());
        await bed.AssertBalancedAsync("things");
    }

    [Fact]
    public async Task Rows_are_selected_by_cause_batch_and_time()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things", Contract);
        var first = await bed.PostAsync("things", Dirty);
        bed.Clock.Advance(TimeSpan.FromHours(1));
        var second = await bed.PostAsync("things", Dirty);
        var causes = (await bed.Services.GetRequiredService<QuarantineService>().ListAsync("things", new QuarantineFilter(Column: "day"), null, 10, default)).Causes;
        const string patch = """ "patch": {"set": {"day": "2026-01-01", "amount": 1}}""";

        Assert.Equal("recovers 6 of 6", (await bed.TryAsync($"{{{patch}}}")).Result.Summary);
        Assert.Equal("recovers 4 of 4", (await bed.TryAsync($"{{\"cause\": \"{causes[0].Id}\", {patch}}}")).Result.Summary);
        Assert.Equal("recovers 3 of 3", (await bed.TryAsync($"{{\"batches\": [\"{second.Id}\"], {patch}}}")).Result.Summary);
        Assert.Equal("recovers 3 of 3", (await bed.TryAsync($"{{\"since\": \"{second.Started:O}\", {patch}}}")).Result.Summary);
        Assert.Equal("recovers 3 of 3", (await bed.TryAsync($"{{\"until\": \"{second.Started:O}\", {patch}}}")).Result.Summary);
        await bed.ReplayAsync($"{{\"cause\": \"{causes[0].Id}\", \"batches\": [\"{first.Id}\"], {patch}}}");
        Assert.Equal(("1 2 0", "3 0 0"), (await bed.CountsAsync(first), await bed.CountsAsync(second)));
    }

    [Theory]
    [InlineData("""{"what": 1}""", "InvalidReplay")]
    [InlineData("""{"batches": ["others-00000000000070008000000000000000"]}""", "InvalidReplay")]
    [InlineData("""{"batches": []}""", "InvalidReplay")]
    [InlineData("""{"batches": [null]}""", "InvalidReplay")]
    [InlineData("""{"dryRun": "yes"}""", "InvalidReplay")]
    [InlineData("[]", "InvalidReplay")]
    [InlineData("null", "InvalidReplay")]
    [InlineData("{", "InvalidReplay")]
    [InlineData("""{"patch": {"renames": {}}}""", "InvalidReplay")]
    [InlineData("""{"patch": {"nullTokens": {"amount": null}}}""", "InvalidReplay")]
    [InlineData("""{"patch": {"formats": {"day": [null]}}}""", "InvalidReplay")]
    [InlineData("""{"patch": {"expressions": {"amount": null}}}""", "InvalidPatch")]
    [InlineData("""{"cause": "other"}""", "InvalidReplay")]
    [InlineData("""{"patch": {"formats": {"day": ["nonsense"]}}}""", "InvalidPatch")]
    [InlineData("""{"patch": {"formats": {"days": ["yyyy-MM-dd"]}}}""", "InvalidPatch")]
    [InlineData("""{"patch": {"defaults": {"amount": -1}}}""", "InvalidPatch")]
    [InlineData("""{"patch": {"expressions": {"amount": "1 +"}}}""", "InvalidPatch")]
    [InlineData("""{"patch": {"expressions": {"amount": "length(value)"}}}""", "InvalidPatch")]
    [InlineData("""{"patch": {"expressions": {"amount": "(SELECT 1)"}}}""", "InvalidPatch")]
    public async Task What_cannot_be_done_is_said_before_it_begins(string request, string code)
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things", Contract);
        await bed.PostAsync("things", Dirty);
        var refusal = await Assert.ThrowsAsync<TerminalException>(() => bed.TryAsync(request));

        Assert.Equal((code, FailureKind.Invalid), (refusal.Code, refusal.Kind));
        Assert.StartsWith("$", refusal.Target, StringComparison.Ordinal);
        Assert.DoesNotContain("DataPlatform", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("System.", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("id,amount,name\n1,x,5\n", "text/csv", "name", true)]
    [InlineData("id,amount\n1,x\n", "text/csv", "name", true)]
    [InlineData("id,amount,name\n1,x,5\n", "text/csv", "nam", false)]
    [InlineData("""{"id": 1, "amount": "x"}""", "application/x-ndjson", "name", true)]
    [InlineData("""{"id": 1, "amount": "x"}""", "application/x-ndjson", "nam", false)]
    public async Task A_name_that_is_misspelt_in_a_patch_loads_nothing(string body, string type, string name, bool loads)
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things", Contract);
        await bed.PostAsync("things", Encoding.UTF8.GetBytes(body), type);
        var report = await bed.TryAsync($"{{\"patch\": {{\"expressions\": {{\"amount\": \"{name}\"}}}}}}");

        Assert.Equal(loads ? 1 : 0, report.Result.Recovered);
        if (!loads)
            Assert.Contains($"'{name}'", Assert.Single(report.Result.Remaining).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_without_their_header_are_told_apart_from_those_with_it()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things", Contract);
        var old = await bed.PostAsync("things", "id,name\nx,a\n");
        var text = (await bed.ReadAsync(old.Quarantine!)).Replace("\"header\":\"id,name\",", "", StringComparison.Ordinal);
        await bed.Objects.TryPutAsync(Lake.LakePath.Parse(old.Quarantine!), Encoding.UTF8.GetBytes(text), Lake.PutCondition.None, null, default);
        var report = await bed.ReplayAsync("""{"patch": {"set": {"id": 1}}}""");

        Assert.Equal("recovers 0 of 1", report.Result.Summary);
        Assert.StartsWith("The header row of the file was not kept", Assert.Single(report.Result.NotReplayable).Reason, StringComparison.Ordinal);
        Assert.Equal("1 0 0", await bed.CountsAsync(old));
    }

    [Fact]
    public async Task Files_without_a_header_row_go_by_the_contract()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things", Contract);
        await bed.PostAsync("things", Encoding.UTF8.GetBytes("x,2026-01-01,1,n\n"), "text/csv; header=absent");
        Assert.Equal("recovers 1 of 1", (await bed.ReplayAsync("""{"patch": {"set": {"id": 1}}}""")).Result.Summary);
        Assert.Equal(["1|n"], await bed.QueryAsync("things", "SELECT id, name FROM t"));
    }

    [Fact]
    public async Task Keys_count_once_and_merges_take_the_place_of_rows()
    {
        await using var bed = new BatchBed();
        const string fields = """ "fields": [ {"name": "id", "type": "int32", "required": true}, {"name": "n", "type": "int32"} ] }""";
        await bed.DefineAsync("things", $$"""{ "key": ["id"], "dedupe": {"window": "P7D"}, {{fields}}""");
        var parent = await bed.PostAsync("things", "id,n\n1,1\n1,x\n2,x\n2,x\n");
        var report = await bed.ReplayAsync("""{"patch": {"set": {"n": 5}}}""");
        Assert.Equal((3, 1, 2), (report.Result.Recovered, report.Batches[0].Loaded, report.Batches[0].Duplicate));
        Assert.Equal(["1|1", "2|5"], await bed.QueryAsync("things", "SELECT id, n FROM t ORDER BY id"));
        Assert.Equal("0 3 0", await bed.CountsAsync(parent));
        await bed.AssertBalancedAsync("things");

        await using var merging = new BatchBed();
        await merging.DefineAsync("things", $$"""{ "key": ["id"], "writeDisposition": "merge", {{fields}}""");
        await merging.PostAsync("things", "id,n\n1,1\n1,x\n2,x\n");
        report = await merging.ReplayAsync("""{"patch": {"set": {"n": 5}}}""");
        Assert.Equal(2, report.Batches[0].Loaded);
        Assert.Equal(["1|5", "2|5"], await merging.QueryAsync("things", "SELECT id, n FROM t ORDER BY id"));
        await merging.AssertBalancedAsync("things");
    }

    [Fact]
    public async Task Rows_of_a_replacement_come_in_while_it_is_the_newest()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things", Contract.Replace("{ \"fields\"", "{ \"writeDisposition\": \"replace\", \"fields\"", StringComparison.Ordinal));
        var old = await bed.PostAsync("things", "id,name\n1,a\nx,b\n");
        var now = await bed.PostAsync("things", "id,name\n2,c\nx,d\n");
        var report = await bed.ReplayAsync("""{"patch": {"set": {"id": 9}}}""");

        Assert.Equal(["2|c", "9|d"], await bed.QueryAsync("things", "SELECT id, name FROM t ORDER BY id"));
        Assert.Equal(("1 0 0", "0 1 0"), (await bed.CountsAsync(old), await bed.CountsAsync(now)));
        Assert.StartsWith("A later batch has replaced", Assert.Single(report.Result.NotReplayable).Reason, StringComparison.Ordinal);
        await bed.AssertBalancedAsync("things");
    }

    [Fact]
    public async Task Requests_that_share_a_quarantine_file_are_replayed_each_for_itself()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things", Contract);
        var records = bed.Services.GetRequiredService<Realtime.RecordService>();
        var receipts = await Task.WhenAll(Enumerable.Range(1, 8).Select(i => records.IngestAsync(
            new Batches.BatchRequest("things", "tester", null, "application/json", null, new MemoryStream(Encoding.UTF8.GetBytes($$"""[{"id":{{i}},"amount":-1},{"id":"x","name":"n{{i}}"}]"""))), default)));
        var report = await bed.ReplayAsync($"{{\"batches\": [\"{receipts[2].Id}\"], \"patch\": {{\"set\": {{\"id\": 3}}}}}}");

        Assert.Equal("recovers 1 of 2", report.Result.Summary);
        Assert.Equal(["3|n3"], await bed.QueryAsync("things", "SELECT id, name FROM t"));
        Assert.Equal("recovers 15 of 15", (await bed.ReplayAsync("""{"patch": {"set": {"id": 4, "amount": 0}}}""")).Result.Summary);
        foreach (var receipt in receipts)
            Assert.Equal("0 2 0", await bed.CountsAsync(receipt));
        await bed.AssertBalancedAsync("things");
    }

    [Fact]
    public async Task Many_rows_are_named_in_an_object_of_their_own()
    {
        await using var bed = new BatchBed(IngestionLimits.Default with { BlockRows = 100, WindowBytes = 4096 });
        await bed.DefineAsync("things", Contract);
        var parent = await bed.PostAsync("things", "id,amount\n" + string.Concat(Enumerable.Range(1, 3000).Select(i => i % 2 == 0 ? $"{i},1\n" : $"{i},{(i % 3 == 0 ? "-1" : "x")}\n")));
        var report = await bed.ReplayAsync("""{"patch": {"nullTokens": {"amount": ["x"]}}}""");

        Assert.Equal("recovers 1,000 of 1,500", report.Result.Summary);
        Assert.NotNull((await bed.BatchesAsync())[^1].ParentRows!.Object);
        Assert.Equal("500 1000 0", await bed.CountsAsync(parent));
        Assert.Equal(["1000|1000"], await bed.QueryAsync("things", "SELECT count(*), count(*) FILTER (id = _row) FROM t WHERE amount IS NULL"));
        Assert.Equal("recovers 500 of 500", (await bed.ReplayAsync("""{"patch": {"set": {"amount": 0}}}""")).Result.Summary);
        Assert.Equal("0 1500 0", await bed.CountsAsync(parent));
        await bed.AssertBalancedAsync("things");
    }
}
