using System.Text;
using System.Text.Json.Nodes;
using DataPlatform.Failures;
using Microsoft.Extensions.DependencyInjection;

namespace DataPlatform.Ingestion.Quarantine;

public sealed class QuarantineServiceTests
{
    private const string Contract = """
        { "fields": [ {"name": "id", "type": "int32", "required": true}, {"name": "placed", "type": "date"}, {"name": "amount", "type": "float64", "min": 0},
                      {"name": "state", "type": "string", "enum": ["open", "paid"]}, {"name": "ok", "type": "bool"}, {"name": "email", "type": "string"} ] }
        """;

    [Fact]
    public async Task Rows_are_counted_by_cause_over_batches()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("orders", Contract);
        var first = await bed.PostAsync("orders", "id,placed,amount\n1,31/12/2025,1\n2,2026-01-01,-5\n3,30/12/2025,-1\n4,2026-01-01,1\n");
        bed.Clock.Advance(TimeSpan.FromHours(1));
        var second = await bed.PostAsync("orders", "id,placed\n1,29/12/2025\n");
        var causes = (await ListAsync(bed)).Causes;

        Assert.Equal(["placed type 3 2", "amount min 2 1"], causes.Select(cause => $"{cause.Column} {cause.Rule} {cause.Open} {cause.Batches}"));
        Assert.Equal([(first.Id, 1L, (long?)2, "31/12/2025"), (first.Id, 3, 4, "30/12/2025"), (second.Id, 1, 2, "29/12/2025")],
            causes[0].Examples.Select(example => (example.Batch, example.Row, example.Line, example.Value!)));
        Assert.Equal((first.Started, second.Started), (causes[0].FirstSeen, causes[0].LastSeen));
        Assert.Equal("amount", Assert.Single((await ListAsync(bed, new QuarantineFilter(Rule: "min"))).Causes).Column);
        Assert.Equal(3, Assert.Single((await ListAsync(bed, new QuarantineFilter(Column: "placed"))).Causes).Open);
        Assert.Equal(1, Assert.Single((await ListAsync(bed, new QuarantineFilter(Since: second.Started))).Causes).Open);
        Assert.Equal(1, Assert.Single((await ListAsync(bed, new QuarantineFilter(Batch: second.Id))).Causes).Open);
        Assert.Empty((await ListAsync(bed, new QuarantineFilter(Batch: "other-" + new string('0', 32)))).Causes);
        Assert.Equal("DatasetNotFound", (await Assert.ThrowsAsync<TerminalException>(() => Service(bed).ListAsync("nobody", new(), null, 10, default))).Code);
    }

    [Fact]
    public async Task A_page_goes_on_where_the_one_before_ended_though_its_causes_are_gone()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("orders", Contract);
        await bed.PostAsync("orders", "id,placed\n1,y\n1,y\n");
        var gone = await bed.PostAsync("orders", "id,amount\n1,-1\n1,-1\n1,-1\n");
        var first = await Service(bed).ListAsync("orders", new QuarantineFilter(), null, 1, default);
        await bed.PostAsync("orders", "id,ok\n1,x\n");
        await bed.Services.GetRequiredService<QuarantineDismisser>().DismissAsync(
            "orders", Encoding.UTF8.GetBytes($"{{\"reason\": \"gone\", \"batches\": [\"{gone.Id}\"]}}"), "tester", null, default);
        var second = await Service(bed).ListAsync("orders", new QuarantineFilter(), first.Next, 10, default);

        Assert.Equal("amount", Assert.Single(first.Causes).Column);
        Assert.Equal(["placed", "ok"], second.Causes.Select(cause => cause.Column));
        Assert.Equal("InvalidQueryOption", (await Assert.ThrowsAsync<TerminalException>(() => Service(bed).ListAsync("orders", new(), "zzz", 1, default))).Code);
    }

    [Fact]
    public async Task Pages_follow_each_other_and_an_index_made_anew_says_the_same()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("orders", Contract);
        await bed.PostAsync("orders", "id,placed,amount,ok\nx,y,-1,z\nx,2026-01-01,1,true\n1,2026-01-01,-1,true\n1,2026-01-01,-1,true\n");
        var all = (await ListAsync(bed)).Causes;
        var (first, next) = await PageAsync(bed, null);
        var (second, end) = await PageAsync(bed, next);

        Assert.Equal(all.Select(cause => cause.Id), first.Concat(second));
        Assert.Null(end);

        await bed.Rows.TryDeleteAsync("projections", new("orders", "quarantine"), null, default);
        await foreach (var row in bed.Rows.QueryAsync(QuarantineIndex.RowTable, "orders", null, null, default))
            await bed.Rows.TryDeleteAsync(QuarantineIndex.RowTable, row.Key, null, default);
        await using var other = new BatchBed(folder: Path.GetDirectoryName(bed.StoreFolder)!, clock: bed.Clock);
        Assert.Equal(all.Select(cause => (cause.Id, cause.Open)), (await ListAsync(other)).Causes.Select(cause => (cause.Id, cause.Open)));

        async Task<(List<string> Ids, string? Next)> PageAsync(BatchBed bed, string? after)
        {
            var page = await Service(bed).ListAsync("orders", new QuarantineFilter(), after, 2, default);
            return ([.. page.Causes.Select(cause => cause.Id)], page.Next);
        }
    }

    [Fact]
    public async Task Messages_that_tell_a_place_are_one_cause_and_too_many_causes_are_others()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("orders", Contract);
        await bed.PostAsync("orders", "id,placed\n1\n1,2,3\n1,2,3,4\n");
        Assert.Equal([("extra_value", 2L), ("missing_value", 1L)], (await ListAsync(bed)).Causes.Select(cause => (cause.Rule, cause.Open)));

        var members = string.Join(',', Enumerable.Range(0, 50).Select(i => $"\"m{i}\":1"));
        var more = await bed.PostAsync("orders", Encoding.UTF8.GetBytes($"{{\"id\":1,{members}}}\n{{\"id\":1,\"n\":1,\"o\":1}}"), "application/x-ndjson");
        var causes = (await ListAsync(bed, new QuarantineFilter(Batch: more.Id))).Causes;
        Assert.Equal(51, causes.Count);
        Assert.Equal(1, Assert.Single(causes, cause => cause.Rule == "other").Open);
    }

    [Theory]
    [InlineData("id,placed\n1,31/12/2025\n1,01/02/2025", """{"formats":{"placed":["d/M/yyyy"]}}""")]
    [InlineData("id,placed\n1,-\n1,n/a\n1,-", """{"nullTokens":{"placed":["-","n/a"]}}""")]
    [InlineData("id,amount\n1,\"1,234.5\"", """{"expressions":{"amount":"replace(value, ',', '')"}}""")]
    [InlineData("id,amount\n1,\"1.234,5\"", """{"expressions":{"amount":"replace(replace(value, '.', ''), ',', '.')"}}""")]
    [InlineData("id,amount\n1, 5 ", """{"expressions":{"amount":"trim(value)"}}""")]
    [InlineData("id,state\n1,PAID", """{"expressions":{"state":"lower(trim(value))"}}""")]
    [InlineData("id,e-mail\n1,a@b", """{"rename":{"e-mail":"email"}}""")]
    [InlineData("id,colour\n1,red", """{"rename":{"colour":null}}""")]
    [InlineData("id,amount\n,1", """{"defaults":{"id":"0"}}""")]
    [InlineData("id,state\n1,late", null)]
    [InlineData("id,amount\n3000000000,1", null)]
    [InlineData("id,amount\n1,-1", null)]
    public async Task A_fix_is_ready_to_be_used(string csv, string? patch)
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("orders", Contract);
        await bed.PostAsync("orders", csv);
        var fix = Assert.Single((await ListAsync(bed)).Causes).Fix;

        Assert.Equal(patch is null ? null : JsonNode.Parse(patch)!.ToJsonString(), fix.Patch is null ? null : JsonNode.Parse(fix.Patch.ToJsonString())!.ToJsonString());
        Assert.NotEmpty(fix.Message);
    }

    [Fact]
    public async Task A_fix_without_a_patch_says_what_to_do()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("orders", Contract);
        await bed.PostAsync("orders", "id,state\n3000000000,late\n1,late\n");
        var fixes = (await ListAsync(bed)).Causes.ToDictionary(cause => cause.Column!, cause => cause.Fix.Message);

        Assert.StartsWith("'late' is there in 2 rows: add it to the 'enum' of 'state'?", fixes["state"], StringComparison.Ordinal);
        Assert.Contains("int64", fixes["id"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rows_of_a_cause_come_with_their_batch_and_header()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("orders", Contract);
        var first = await bed.PostAsync("orders", "id,amount\nx,1\n1,-1\n2,-2\n");
        bed.Clock.Advance(TimeSpan.FromSeconds(1));
        var second = await bed.PostAsync("orders", Encoding.UTF8.GetBytes("""{"id":1,"amount":-3}"""), "application/x-ndjson");
        var cause = (await ListAsync(bed, new QuarantineFilter(Rule: "min"))).Causes[0].Id;

        var rows = await RowsAsync(bed, cause, 100);
        Assert.Equal([(first.Id, 2, "id,amount"), (first.Id, 3, null), (second.Id, 1, null)], rows.Select(row => ((string)row["batch"]!, (int)row["row"]!, (string?)row["header"])));
        Assert.Equal(4, (await RowsAsync(bed, null, 100)).Count);
        Assert.Equal(2, (await RowsAsync(bed, cause, 2)).Count);
        await Assert.ThrowsAsync<TerminalException>(() => RowsAsync(bed, "other", 2));
    }

    [Fact]
    public async Task Personal_values_are_in_no_cause()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("orders", """{ "raw": "none", "fields": [ {"name": "id", "type": "int32"}, {"name": "phone", "type": "string", "pii": "mask", "maxLength": 3} ] }""");
        await bed.PostAsync("orders", "id,phone\n1,555-0199\nx,12\n");
        var causes = (await ListAsync(bed)).Causes;

        Assert.Equal(["id", "phone"], causes.Select(cause => cause.Column!).Order());
        Assert.DoesNotContain("555-0199", PlatformJsonText(causes), StringComparison.Ordinal);
        Assert.DoesNotContain("header", await Text(bed, null), StringComparison.Ordinal);

        static string PlatformJsonText(object value) => System.Text.Json.JsonSerializer.Serialize(value, PlatformJson.Options);
    }

    private static QuarantineService Service(BatchBed bed) => bed.Services.GetRequiredService<QuarantineService>();

    private static Task<CausePage> ListAsync(BatchBed bed, QuarantineFilter? filter = null) => Service(bed).ListAsync("orders", filter ?? new(), null, 1000, default);

    private static async Task<List<JsonNode>> RowsAsync(BatchBed bed, string? cause, int limit) =>
        [.. (await Text(bed, cause, limit)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!)];

    private static async Task<string> Text(BatchBed bed, string? cause, int limit = 100)
    {
        using var target = new MemoryStream();
        await (await Service(bed).ReadRowsAsync("orders", cause, new QuarantineFilter(), limit, default))(target, default);
        return Encoding.UTF8.GetString(target.ToArray());
    }
}
