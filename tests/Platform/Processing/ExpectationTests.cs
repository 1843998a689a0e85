using DataPlatform.Lake;
using DataPlatform.Operations;
using DataPlatform.Processing;
using DataPlatform.Tables;

namespace DataPlatform.Platform.Tests.Processing;

public sealed class ExpectationTests
{
    private static readonly TableName Fact = new(TableKind.Warehouse, "fact");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Quarantined_rows_are_kept_beside_the_run_and_the_others_committed()
    {
        await using var bed = await BedAsync(
            """
            {"name": "small", "condition": "v < 8", "onFail": "quarantine"}, {"name": "even", "condition": "v % 2 = 0", "onFail": "quarantine"},
            {"name": "known", "condition": "id > 1", "onFail": "warn"}
            """);

        var run = await bed.RunAsync("p", times: 2);

        Assert.True(run.Error is null, run.Error?.Message);
        var step = run.Steps[0];
        Assert.Equal((4L, 6L), (step.RowsOut, step.RowsQuarantined));
        Assert.Equal([(10L, 2L), (10L, 5L), (10L, 2L)], step.Expectations.Select(e => (e.Checked, e.Broken)));
        Assert.Equal(["4|0|6"], await bed.QueryAsync("SELECT count(*), min(id), max(id) FROM fact", Fact));
        var group = await bed.Get<RunFiles>().ReadAsync<GroupResult>(RunFiles.Group(run.Id, "s", 0), Token);
        using var reader = new StreamReader(await bed.Get<IObjectStore>().OpenReadAsync(LakePath.Parse(group.Quarantine!), range: null, Token));
        Assert.Equal(
            """
            {"id":1,"v":1,"_expectations":["even"]}
            {"id":3,"v":3,"_expectations":["even"]}
            {"id":5,"v":5,"_expectations":["even"]}
            {"id":7,"v":7,"_expectations":["even"]}
            {"id":8,"v":8,"_expectations":["small"]}
            {"id":9,"v":9,"_expectations":["small","even"]}

            """,
            await reader.ReadToEndAsync(Token),
            ignoreLineEndingDifferences: true);
    }

    [Theory]
    [InlineData("count(*) > 100", "fail", false)]
    [InlineData("count(*) > 100", "warn", false)]
    [InlineData("count(*) = 10 AND count(DISTINCT id) = count(*)", "fail", true)]
    [InlineData("sum(nullif(v, v)) > 0", "warn", false)]
    public async Task All_rows_together_are_judged_before_the_commit(string aggregate, string onFail, bool met)
    {
        await using var bed = await BedAsync($$"""{"name": "all", "aggregate": "{{aggregate}}", "onFail": "{{onFail}}"}""");

        var run = await bed.RunAsync("p");

        var commits = met || onFail == "warn";
        Assert.Equal(commits ? RunStatus.Succeeded : RunStatus.Failed, run.Status);
        Assert.Equal(commits, await bed.Tables.Get(Fact).TryGetSnapshotAsync(version: null, Token) is not null);
        if (commits)
            Assert.Equal(met, Assert.Single(run.Steps[0].Expectations).Met);
        else
            Assert.Equal("Step 's' committed nothing: its 10 rows together do not meet the expectation 'all'.", run.Error!.Message);
    }

    [Fact]
    public async Task Outcomes_are_rows_of_a_table_once_for_each_step_of_a_run_also_of_failed_ones()
    {
        await using var bed = await BedAsync("""{"name": "small", "condition": "v < 8"}, {"name": "many", "aggregate": "count(*) > 10", "onFail": "fail"}""");
        await bed.RunAsync("p", times: 2);
        await bed.LoadAsync("src", "SELECT 10::INTEGER AS id, 10::INTEGER AS v");
        await bed.RunAsync("p", times: 2);
        await bed.PutPipelineAsync("q", """{ "name": "r", "target": "report", "sql": "SELECT step, expectation, sum(rows_broken) AS broken FROM _quality GROUP BY ALL" }""");

        var report = await bed.RunAsync("q");

        Assert.True(report.Error is null, report.Error?.Message);
        Assert.Equal(
            ["small|false|10|2|warn|v < 8", "many|false|10|0|fail|count(*) > 10", "small|false|11|3|warn|v < 8", "many|true|11|0|fail|count(*) > 10"],
            await bed.QueryAsync(
                "SELECT expectation, met, rows_checked, rows_broken, on_fail, rule FROM _quality ORDER BY time, expectation DESC", DataPlatform.Catalog.SystemTables.Quality));
        Assert.Equal(["s|many|0", "s|small|5"], await bed.QueryAsync("SELECT * FROM report ORDER BY ALL", new TableName(TableKind.Warehouse, "report")));
    }

    [Fact]
    public async Task An_aggregate_over_unknown_columns_fails_the_run_by_its_name()
    {
        await using var bed = await BedAsync("""{"name": "all", "aggregate": "sum(nothing) > 0"}""");

        var run = await bed.RunAsync("p");

        Assert.Equal("SqlError", run.Error?.Code);
        Assert.StartsWith("Step 's', expectation 'all':", run.Error!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"name": "a", "aggregate": "v > 1"}""", "it must be computed from all rows together")]
    [InlineData("""{"name": "a", "condition": "count(*) > 1"}""", "it must be computed from one row at a time")]
    [InlineData("""{"name": "a", "aggregate": "count(*) > 1", "onFail": "quarantine"}""", "none can be quarantined")]
    [InlineData("""{"name": "a", "aggregate": "count(*) > 1", "condition": "v > 1"}""", "make two of it")]
    public async Task Expectations_that_cannot_be_are_refused(string expectation, string message)
    {
        var failure = await Assert.ThrowsAsync<DataPlatform.Failures.TerminalException>(async () =>
        {
            await using var bed = await BedAsync(expectation);
            var entry = await bed.Get<DataPlatform.Catalog.CatalogStore>().GetAsync<DataPlatform.Catalog.PipelineDefinition>("p", Token);
            await bed.Get<PipelineCompiler>().CompileAsync(entry.Definition, Token);
        });

        Assert.Contains(message, failure.Message, StringComparison.Ordinal);
    }

    private static async Task<PipelineBed> BedAsync(string expectations)
    {
        var bed = new PipelineBed();
        await bed.PutDatasetAsync("src", """{"name": "id", "type": "int32"}, {"name": "v", "type": "int32"}""");
        await bed.PutPipelineAsync("p", $$"""{ "name": "s", "target": "fact", "sql": "SELECT * FROM new.src ORDER BY id", "expectations": [ {{expectations}} ] }""");
        await bed.LoadAsync("src", "SELECT range::INTEGER AS id, range::INTEGER AS v FROM range(10)");
        return bed;
    }
}
