using DataPlatform.Failures;
using DataPlatform.Processing.Lineage.Columns;

namespace DataPlatform.Platform.Tests.Processing.Lineage.Columns;

public sealed class LineageReaderTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_column_of_a_mart_leads_down_to_fields_of_contracts_with_and_without_data(bool data)
    {
        await using var bed = await LineageBed.CreateAsync();
        if (data)
        {
            await LineageBed.LoadAsync(bed);
            await bed.RunAsync("enriching");
            await bed.RefreshAsync("daily");
        }

        var average = await ReadAsync(bed, "daily", "AVG_DELAY");
        var region = await ReadAsync(bed, "daily", "region");

        var delay = Assert.Single(average.Fields!);
        Assert.Equal(("flights", "delay", "DEP_DELAY", "value + 1"), (delay.Dataset, delay.Field, delay.Source, delay.Expression));
        Assert.Equal("DIRECT/AGGREGATION", Words(delay.Transformations));
        Assert.Equal("daily 0 avg_delay; fact -1 delay; flights -2 delay", Tables(average));
        Assert.Equal(
            ["airports.state (state) DIRECT/TRANSFORMATION", "flights.origin (origin) INDIRECT/CONDITIONAL"],
            region.Fields!.Select(field => $"{field.Dataset}.{field.Field} ({field.Source}) {Words(field.Transformations)}"));
        Assert.Equal(
            ["daily (no pipeline): fact.origin INDIRECT/CONDITIONAL, fact.state DIRECT/TRANSFORMATION", "fact enriching/enrich: flights.origin DIRECT/IDENTITY",
                "fact enriching/enrich: airports.state DIRECT/TRANSFORMATION"],
            region.Writes.SelectMany(write => write.Columns!.Select(column =>
                $"{write.Target} {(write.Pipeline is null ? "(no pipeline)" : $"{write.Pipeline}/{write.Step}")}: {Inputs(column.Inputs)}")));
        Assert.Equal("airports.iata INDIRECT/JOIN, flights.origin INDIRECT/JOIN", Inputs(region.Writes[1].Rows!));
    }

    [Fact]
    public async Task What_decides_about_rows_is_followed_when_asked_for()
    {
        await using var bed = await LineageBed.CreateAsync();

        var answer = await ReadAsync(bed, "daily", "n", indirect: true);

        Assert.Equal(
            ["airports.iata", "airports.state", "flights.day", "flights.origin"],
            answer.Fields!.Select(field => $"{field.Dataset}.{field.Field}"));
        Assert.All(answer.Fields!, field => Assert.All(field.Transformations, how => Assert.Equal("INDIRECT", how.Type)));
        Assert.Empty((await ReadAsync(bed, "daily", "n")).Fields!);
    }

    [Fact]
    public async Task A_field_leads_up_to_all_that_comes_from_it()
    {
        await using var bed = await LineageBed.CreateAsync();

        var answer = await ReadAsync(bed, "flights", "delay", LineageDirection.Downstream);

        Assert.Equal("flights 0 delay; fact 1 delay; daily 2 avg_delay; late 2 delay", Tables(answer));
        Assert.Null(answer.Fields);
        Assert.False(answer.Truncated);
    }

    [Fact]
    public async Task Tables_are_followed_both_ways_up_to_a_depth()
    {
        await using var bed = await LineageBed.CreateAsync();

        var all = await ReadAsync(bed, "fact");
        var mart = await ReadAsync(bed, "daily", depth: 1);
        var columns = await bed.Get<LineageReader>().ReadAsync(new LineageQuestion("late", null, LineageDirection.Upstream, 1, Columns: true, Indirect: false), _ => true, Token);

        Assert.Equal("fact 0; airports -1; flights -1; daily 1; late 1", Tables(all));
        Assert.Equal(["airports,flights>fact", "fact>daily", "fact>late"], all.Writes.Select(write => $"{string.Join(',', write.Sources.Order())}>{write.Target}").Order());
        Assert.All(all.Writes, write => Assert.Null(write.Columns));
        Assert.Equal(("daily 0; fact -1", true), (Tables(mart), mart.Truncated));
        Assert.Equal(["day", "delay", "origin", "state"], Assert.Single(columns.Writes).Columns!.Select(column => column.Name));
        Assert.Equal("fact.delay INDIRECT/FILTER", Inputs(columns.Writes[0].Rows!));
    }

    [Fact]
    public async Task Nothing_is_told_of_what_may_not_be_read()
    {
        await using var bed = await LineageBed.CreateAsync();
        Func<string, bool> analyst = scope => scope is "read:mart/daily" or "read:warehouse/fact" or "read:dataset/airports";

        var answer = await ReadAsync(bed, "daily", "avg_delay", has: analyst);
        var table = await ReadAsync(bed, "fact", has: analyst);
        var refused = await Assert.ThrowsAsync<TerminalException>(() => ReadAsync(bed, "late", has: analyst));

        Assert.Equal(("daily 0 avg_delay; fact -1 delay", 1), (Tables(answer), answer.Hidden));
        Assert.Empty(answer.Fields!);
        Assert.All(answer.Writes, write => Assert.Null(write.Pipeline));
        Assert.Equal(("fact 0; airports -1; daily 1", 2), (Tables(table), table.Hidden));
        Assert.DoesNotContain("flights", string.Join(' ', answer.Writes.SelectMany(write => write.Sources)), StringComparison.Ordinal);
        Assert.Equal("ScopeMissing", refused.Code);
    }

    [Fact]
    public async Task What_is_not_there_is_said()
    {
        await using var bed = await LineageBed.CreateAsync();

        var column = await Assert.ThrowsAsync<TerminalException>(() => ReadAsync(bed, "fact", "dealy"));
        var table = await Assert.ThrowsAsync<TerminalException>(() => ReadAsync(bed, "facts"));

        Assert.Equal("ColumnNotFound", column.Code);
        Assert.Contains("Did you mean 'delay'?", column.Message, StringComparison.Ordinal);
        Assert.Equal("TableNotFound", table.Code);
    }

    [Fact]
    public async Task What_cannot_be_told_is_unknown()
    {
        await using var bed = await LineageBed.CreateAsync();
        await bed.PutPipelineAsync("odd", """{ "name": "odd", "target": "odd", "sql": "SELECT delay, COLUMNS('s.*') FROM fact" }""");
        await LineageBed.LoadAsync(bed);
        await bed.RunAsync("enriching");
        await bed.RunAsync("odd");

        var write = Assert.Single((await ReadAsync(bed, "odd", "state")).Writes);
        var known = await ReadAsync(bed, "odd", "delay");

        Assert.Contains("COLUMNS", Assert.Single(write.Columns!).Unknown, StringComparison.Ordinal);
        Assert.Empty(write.Columns![0].Inputs);
        Assert.Equal("delay", Assert.Single(known.Fields!).Field);
    }

    [Fact]
    public async Task Conditions_of_quarantine_and_deletion_decide_about_rows()
    {
        await using var bed = await LineageBed.CreateAsync();
        await bed.PutPipelineAsync("kept", """
            { "name": "keep", "target": "kept", "mode": "merge", "key": ["day"], "onSourceChange": "changes", "sql": "SELECT * FROM new.flights;",
              "expectations": [ {"name": "a", "condition": "delay > 0", "onFail": "quarantine"}, {"name": "b", "condition": "day IS NOT NULL", "onFail": "warn"} ] }
            """);

        var answer = await bed.Get<LineageReader>().ReadAsync(new LineageQuestion("kept", null, LineageDirection.Upstream, 1, Columns: true, Indirect: false), _ => true, Token);

        var write = Assert.Single(answer.Writes);
        Assert.Equal(["day", "delay", "origin"], write.Columns!.Select(column => column.Name));
        Assert.Equal("flights._change_type INDIRECT/FILTER, flights.delay INDIRECT/FILTER", Inputs(write.Rows!));
        Assert.Null(write.Unknown);
    }

    [Fact]
    public async Task Pipelines_that_read_each_others_tables_come_to_an_end()
    {
        await using var bed = await LineageBed.CreateAsync();
        await bed.PutPipelineAsync("one", """{ "name": "s", "target": "ping", "sql": "SELECT x + 1 AS x FROM pong UNION ALL SELECT delay FROM fact" }""");
        await bed.PutPipelineAsync("two", """{ "name": "s", "target": "pong", "sql": "SELECT x FROM ping" }""");

        var answer = await ReadAsync(bed, "ping", "x", LineageDirection.Upstream);

        Assert.Equal("ping 0 x; fact -1 delay; pong -1 x; flights -2 delay", Tables(answer));
        Assert.Equal("flights.delay", Assert.Single(answer.Fields!.Select(field => $"{field.Dataset}.{field.Field}")));
    }

    private static Task<LineageAnswer> ReadAsync(
        PipelineBed bed, string table, string? column = null, LineageDirection direction = LineageDirection.Both, int depth = 16, bool indirect = false,
        Func<string, bool>? has = null) =>
        bed.Get<LineageReader>().ReadAsync(new LineageQuestion(table, column, direction, depth, Columns: false, indirect), has ?? (_ => true), Token);

    private static string Tables(LineageAnswer answer) => string.Join(
        "; ", answer.Tables.Select(table => $"{table.Name} {table.Distance}{(table.Columns is null ? "" : $" {string.Join(' ', table.Columns)}")}"));

    private static string Inputs(IEnumerable<LineageInput> inputs) =>
        string.Join(", ", inputs.Select(input => $"{input.Table}.{input.Column} {Words(input.Transformations)}"));

    private static string Words(IEnumerable<LineageTransformation> transformations) => string.Join('+', transformations.Select(how => $"{how.Type}/{how.Subtype}"));
}
