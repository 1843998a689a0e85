using System.Text;
using System.Text.Json;
using DataPlatform.Failures;
using Microsoft.Extensions.DependencyInjection;

namespace DataPlatform.Ingestion.Preview;

public sealed class ContractReplayTests
{
    private const string Proposed = """
        { "fields": [ {"name": "id", "type": "int64", "required": true}, {"name": "name", "type": "string", "maxLength": 2},
                      {"name": "amount", "type": "float64"}, {"name": "at", "type": "timestamp", "formats": ["iso", "d.M.yyyy H:mm"]} ] }
        """;

    [Fact]
    public async Task What_would_change_is_told_by_rule_and_nothing_is_stored()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things");
        var first = await bed.PostAsync("things", "id,name,amount,at\n1,a,-1,\n2,long,1,\n3,b,2,1.3.2026 10:00\nx,c,1,\n4,long,-1,\n5,ok,1,\n");
        var second = await bed.PostAsync("things", BatchBed.Gzip("""{"id":6,"amount":-5}"""u8.ToArray()), "application/x-ndjson", encoding: "gzip");
        var before = BatchValidatorTests.Listing(bed);
        var run = await RunAsync(bed, Proposed);

        Assert.Equal(before, BatchValidatorTests.Listing(bed));
        Assert.Equal((3, 1), (run.NewlyLoaded, run.NewlyBroken));
        Assert.Equal(["amount min +2 -0", "at type +1 -0", "name max_length +0 -1"], run.Rules.Select(rule => $"{rule.Column} {rule.Rule} +{rule.NewlyLoaded} -{rule.NewlyBroken}"));
        Assert.Equal([$"{second.Id} 1 True -5", $"{first.Id} 1 True -1"], run.Rules[0].Examples.Select(example => $"{example.Batch} {example.Row} {example.Loads} {example.Value}"));
        Assert.Equal((2L, "long"), (run.Rules[2].Examples[0].Row, run.Rules[2].Examples[0].Value));
        Assert.Equal([second.Id, first.Id], run.Batches.Select(batch => batch.Id));
        Assert.Equal((new PreviewCounts(6, 2, 4, 0, 0), new PreviewCounts(6, 3, 3, 0, 0)), (run.Batches[1].Before, run.Batches[1].After));
        Assert.Equal((first.Loaded, first.Quarantined), (run.Batches[1].Before.Loaded, run.Batches[1].Before.Quarantined));
        Assert.All(run.Batches, batch => Assert.True(batch.Comparable));
        Assert.Empty(run.NotReplayed);
    }

    [Fact]
    public async Task Values_that_would_change_are_counted_by_column_and_personal_ones_are_not_shown()
    {
        await using var bed = new BatchBed(piiKey: new string('k', 32));
        await bed.DefineAsync("things");
        var receipt = await bed.PostAsync("things", "id,name,amount,at\n1, Ann ,1,\n2,bob,,\n3,,2,\nx,eve,1,\n" + string.Concat(Enumerable.Range(4, 10).Select(id => $"{id},n,3,\n")));
        var run = await RunAsync(bed, """
            { "raw": "none", "fields": [ {"name": "id", "type": "int64", "required": true}, {"name": "label", "source": "name", "type": "string", "pii": "hash"},
              {"name": "amount", "type": "float64", "default": "7", "expression": "value * 2"}, {"name": "at", "type": "timestamp"} ] }
            """);
        var open = await RunAsync(bed, """
            { "fields": [ {"name": "id", "type": "int64", "required": true}, {"name": "name", "type": "string", "trim": true, "case": "upper"},
              {"name": "amount", "type": "float64", "default": "7"}, {"name": "at", "type": "timestamp"} ] }
            """);

        Assert.Equal((13, 0, 0), (run.Changed, run.NewlyLoaded, run.NewlyBroken));
        Assert.Equal(["amount 13", "label 12", "name 12"], run.Fields.Select(field => $"{field.Column} {field.Changed}"));
        Assert.All(run.Fields.SelectMany(field => field.Examples), example => Assert.Equal((null, null), (example.Before, example.After)));
        Assert.DoesNotContain("Ann", JsonSerializer.Serialize(run, PlatformJson.Options), StringComparison.Ordinal);

        Assert.Equal((12, "name 12, amount 1"), (open.Changed, string.Join(", ", open.Fields.Select(field => $"{field.Column} {field.Changed}"))));
        Assert.Equal(5, open.Fields[0].Examples.Count);
        Assert.Equal([$"{receipt.Id} 1 \" Ann \" \"ANN\"", $"{receipt.Id} 2 \"bob\" \"BOB\""],
            open.Fields[0].Examples.Take(2).Select(example => $"{example.Batch} {example.Row} {example.Before!.Value.GetRawText()} {example.After!.Value.GetRawText()}"));
        Assert.Equal($"{receipt.Id} 2 null 7", open.Fields[1].Examples.Select(example => $"{example.Batch} {example.Row} {example.Before!.Value.GetRawText()} {example.After!.Value.GetRawText()}").Single());
        Assert.Equal((0, 0), ((await RunAsync(bed, BatchBed.Contract)).Changed, (await RunAsync(bed, BatchBed.Contract)).Fields.Count));
    }

    [Fact]
    public async Task Rows_that_become_duplicates_or_are_discarded_are_changes_too()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things");
        await bed.PostAsync("things", "id\n1\n1\n2\n");
        var run = await RunAsync(bed, BatchBed.Contract.Replace("{ \"fields\"", "{ \"key\": [\"id\"], \"unique\": true, \"fields\"", StringComparison.Ordinal));

        Assert.Equal("left_out 1", Assert.Single(run.Rules.Select(rule => $"{rule.Rule} {rule.NewlyBroken}")));
        Assert.Equal(new PreviewCounts(3, 2, 0, 1, 0), run.Batches[0].After);
    }

    [Fact]
    public async Task Batches_without_their_bytes_are_named_and_the_newest_are_taken()
    {
        await using var bed = new BatchBed();
        const string rows = """[ {"name": "id", "type": "int64", "pii": "drop"} ]""";
        await bed.DefineAsync("things", $$"""{ "raw": "none", "fields": {{rows}} }""");
        var none = await bed.PostAsync("things", "id\n1\n");
        await bed.DefineAsync("things", $$"""{ "raw": "redacted", "fields": {{rows}} }""");
        var redacted = await bed.PostAsync("things", "id\n1\n");
        bed.Clock.Advance(TimeSpan.FromHours(1));
        await bed.DefineAsync("things", """{ "fields": [ {"name": "id", "type": "int64"} ] }""");
        var kept = await bed.PostAsync("things", "id\n1\n");
        var run = await RunAsync(bed, """{ "csv": {"header": false}, "fields": [ {"name": "id", "type": "int64"} ] }""");

        Assert.Equal([redacted.Id, none.Id], run.NotReplayed.Select(batch => batch.Id));
        Assert.Contains("redacted", run.NotReplayed[0].Reason, StringComparison.Ordinal);
        Assert.Contains("none", run.NotReplayed[1].Reason, StringComparison.Ordinal);
        Assert.Equal((kept.Id, false, 1, 2), (run.Batches[0].Id, run.Batches[0].Comparable, run.Batches[0].Before.Received, run.Batches[0].After.Received));
        Assert.Equal((0, 0), (run.NewlyLoaded, run.NewlyBroken));
        Assert.Equal(kept.Id, Assert.Single((await RunAsync(bed, Proposed, batches: 1)).Batches).Id);
        Assert.Equal(2, (await RunAsync(bed, Proposed, to: kept.Started)).NotReplayed.Count);
        Assert.Equal(kept.Id, Assert.Single((await RunAsync(bed, Proposed, from: kept.Started)).Batches).Id);
    }

    [Fact]
    public async Task Of_a_raw_object_with_several_batches_each_reads_its_own_part()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things");
        var records = bed.Services.GetRequiredService<DataPlatform.Ingestion.Realtime.RecordService>();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => records.IngestAsync(
            new DataPlatform.Ingestion.Batches.BatchRequest("things", "tester", null, "application/json", null, new MemoryStream(Encoding.UTF8.GetBytes($$"""{"id":{{i}},"amount":-1}"""))), default)));
        var run = await RunAsync(bed, Proposed);

        Assert.Equal((8, 0), (run.NewlyLoaded, run.NewlyBroken));
        Assert.All(run.Batches, batch => Assert.Equal(new PreviewCounts(1, 1, 0, 0, 0), batch.After));
    }

    [Fact]
    public async Task A_batch_that_would_be_refused_is_named_with_the_reason()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things");
        Assert.Empty((await RunAsync(bed, Proposed)).Batches);
        await bed.PostAsync("things", "id,name\n1,a\n");
        var run = await RunAsync(bed, """{ "onUnexpected": "freeze", "fields": [ {"name": "id", "type": "int64"} ] }""");

        Assert.Contains("'name'", Assert.Single(run.NotReplayed).Reason, StringComparison.Ordinal);
        Assert.Equal("DatasetNotFound", (await Assert.ThrowsAsync<TerminalException>(() => RunAsync(bed, Proposed, dataset: "others"))).Code);
        Assert.Equal("InvalidDefinition", (await Assert.ThrowsAsync<TerminalException>(() => RunAsync(bed, """{ "fields": [ {"name": "id"} ] }"""))).Code);
    }

    private static Task<DryRun> RunAsync(
        BatchBed bed, string contract, int batches = ContractReplay.DefaultBatches, DateTimeOffset? from = null, DateTimeOffset? to = null, string dataset = "things") =>
        bed.Services.GetRequiredService<ContractReplay>().RunAsync(dataset, Encoding.UTF8.GetBytes(contract), batches, from, to, default);
}
