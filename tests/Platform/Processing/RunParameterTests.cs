using System.Text;
using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Lake;
using DataPlatform.Operations;
using DataPlatform.Processing;
using DataPlatform.Tables;

namespace DataPlatform.Platform.Tests.Processing;

public sealed class RunParameterTests
{
    private static readonly TableName Fact = new(TableKind.Warehouse, "fact");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Values_of_all_types_are_bound_and_never_become_part_of_the_SQL()
    {
        await using var bed = new PipelineBed();
        await PutAsync(
            bed,
            """
            {"name": "s", "type": "string", "default": "x"}, {"name": "i", "type": "int64", "default": 7}, {"name": "f", "type": "float64", "default": 0.5},
            {"name": "n", "type": "decimal", "default": "12.50"}, {"name": "b", "type": "bool", "default": true},
            {"name": "d", "type": "date", "default": "2024-02-29"}, {"name": "t", "type": "timestamp", "default": "2024-02-29T12:00:00+02:00"}
            """,
            "SELECT $s AS s, E'\\\\'$s' AS e, /* $s */ $i AS i, $f AS f, $n AS n, $b AS b, $d AS d, $t AS t, '$s' AS text WHERE $i > 0 -- $i");

        var defaults = await RunAsync(bed, null);
        var rows = await bed.QueryAsync("SELECT s, i, f, n, b, strftime(d, '%Y-%m-%d'), strftime(t, '%Y-%m-%d %H:%M'), text, typeof(d), typeof(i) FROM fact", Fact);
        var given = await RunAsync(bed, new Dictionary<string, string> { ["s"] = "'); DROP TABLE fact; --", ["i"] = "9223372036854775807" });
        var large = await bed.QueryAsync("SELECT i, s FROM fact", Fact);
        var none = await RunAsync(bed, new Dictionary<string, string> { ["i"] = "-1" });

        Assert.True(defaults.Status == RunStatus.Succeeded, defaults.Error?.Message);
        Assert.Equal(["x|7|0.5|12.500000000|true|2024-02-29|2024-02-29 10:00|$s|DATE|BIGINT"], rows);
        Assert.Equal("7", defaults.Parameters!["i"]);
        Assert.Equal(["9223372036854775807|'); DROP TABLE fact; --"], large);
        Assert.Equal(("'); DROP TABLE fact; --", "9223372036854775807", "12.50"), (given.Parameters!["s"], given.Parameters["i"], given.Parameters["n"]));
        Assert.Equal(0, none.Steps[0].RowsOut);
        Assert.Equal(["0"], await bed.QueryAsync("SELECT count(*) FROM fact", Fact));
    }

    [Fact]
    public async Task A_run_keeps_its_values_and_a_retry_has_the_same()
    {
        await using var bed = new PipelineBed();
        await PutAsync(bed, """{"name": "i", "type": "int64", "default": 7}""", "SELECT $i AS i");
        var run = await bed.Runs.CreateAsync(new RunRequest(RunKind.Pipeline, "p", 1, "ann") { Parameters = new Dictionary<string, string> { ["i"] = "9" } }, Token);
        await bed.Activities.BeginAsync(run.Id, Token);
        await bed.Activities.EndAsync(run.Id, new RunFailure("ActivityFailed", "Storage was away."), Token);

        var retry = await bed.Runs.CreateAsync(RunRequest.ToRetry(await bed.Runs.GetAsync(run.Id, Token), "ann", null), Token);
        await bed.ExecuteAsync(retry.Id, times: 2);

        Assert.Equal("9", (await bed.Runs.GetAsync(retry.Id, Token)).Parameters!["i"]);
        Assert.Equal(["9"], await bed.QueryAsync("SELECT i FROM fact", Fact));
    }

    [Theory]
    [InlineData("SELECT '$other' AS n, -- $other\n  $other AS o", "InvalidSql", "'$other' is not declared", "line 2, column 3")]
    [InlineData("SELECT $1 AS n", "InvalidSql", "'$1' is not declared", "line 1, column 8")]
    [InlineData("SELECT ? AS n", "InvalidSql", "is not declared", "")]
    [InlineData("SELECT $i AS i, $1 AS n", "InvalidSql", "cannot be used", "")]
    [InlineData("SELECT '$i' AS n", "UnusedParameter", "No step's SQL uses the parameter 'i'", "")]
    public async Task What_is_not_declared_or_not_used_is_refused_with_its_place(string sql, string code, string message, string place)
    {
        await using var bed = new PipelineBed();
        var pipeline = new PipelineDefinition
        {
            Name = "p",
            Parameters = [new ParameterDefinition("i", ParameterType.Int64)],
            Steps = [new StepDefinition { Name = "s", Target = "fact", Sql = sql }],
        };

        var refusal = await Assert.ThrowsAsync<TerminalException>(() => bed.Get<PipelineCompiler>().CompileAsync(pipeline, Token));

        var mistake = refusal.Details[0];
        Assert.Equal(code, mistake.Code);
        Assert.Contains(message, mistake.Message, StringComparison.Ordinal);
        Assert.Contains(place, mistake.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Expectations_and_the_delete_condition_take_values_too()
    {
        await using var bed = new PipelineBed();
        const string step = """
            "steps": [ { "name": "s", "target": "fact", "mode": "merge", "key": ["id"], "deleteWhen": "v = $gone AND '$gone' <> v",
              "sql": "SELECT range AS id, CASE range WHEN 3 THEN E'it''s \\\\ $least' ELSE 'v' || range END AS v FROM range(10)",
              "expectations": [ {"name": "least", "condition": "id >= $least -- $gone", "onFail": "quarantine"}, {"name": "many", "aggregate": "count(*) >= $many AND max(id) < 1e9", "onFail": "fail"} ] } ]
            """;
        await bed.Get<CatalogStore>().PutAsync<PipelineDefinition>(
            "p",
            Encoding.UTF8.GetBytes($$"""
                { "parameters": [ {"name": "least", "type": "int64", "default": 0}, {"name": "many", "type": "int64", "default": 1}, {"name": "gone", "type": "string", "default": ""} ],
                  {{step}} }
                """),
            PutCondition.None,
            Token);

        var all = await RunAsync(bed, null);
        var some = await RunAsync(bed, new Dictionary<string, string> { ["least"] = "2", ["gone"] = "it's \\ $least", ["many"] = "7" });
        var few = await RunAsync(bed, new Dictionary<string, string> { ["many"] = "100", ["gone"] = "') OR true --" });

        Assert.True(all.Status == RunStatus.Succeeded, all.Error?.Message);
        Assert.True(some.Status == RunStatus.Succeeded, some.Error?.Message);
        Assert.Equal((10L, 2L, 1L), (all.Steps[0].RowsInserted, some.Steps[0].RowsQuarantined, some.Steps[0].RowsDeleted));
        Assert.Equal(("it's \\ $least", "2"), (some.Parameters!["gone"], some.Parameters["least"]));
        Assert.Equal((RunStatus.Failed, "ExpectationFailed"), (few.Status, few.Error!.Code));
        Assert.Equal(["9"], await bed.QueryAsync("SELECT count(*) FROM fact", Fact));
    }

    [Theory]
    [InlineData("id > $i AND\n $other", "'$other' is not declared at line 2, column 2")]
    [InlineData("id > ?", "is not declared")]
    public async Task A_condition_names_declared_parameters_only(string condition, string message)
    {
        await using var bed = new PipelineBed();
        var pipeline = new PipelineDefinition
        {
            Name = "p",
            Parameters = [new ParameterDefinition("i", ParameterType.Int64)],
            Steps = [new StepDefinition { Name = "s", Target = "fact", Sql = "SELECT 1 AS id", Expectations = [new ExpectationDefinition("e", condition)] }],
        };

        var mistake = (await Assert.ThrowsAsync<TerminalException>(() => bed.Get<PipelineCompiler>().CompileAsync(pipeline, Token))).Details[0];

        Assert.Equal("$.steps[0].expectations[0].condition", mistake.Target);
        Assert.Contains(message, mistake.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_stands_for_one_document()
    {
        await using var bed = new PipelineBed();
        await PutAsync(bed, """{"name": "i", "type": "int64", "default": 7}""", "SELECT $i AS i");

        var first = await CreateAsync("9");
        var refusal = await Assert.ThrowsAsync<TerminalException>(() => CreateAsync("8"));

        Assert.Equal(first.Id, (await CreateAsync("9")).Id);
        Assert.Equal(("IdempotencyKeyReused", FailureKind.Unprocessable), (refusal.Code, refusal.Kind));

        Task<Run> CreateAsync(string value) => bed.Runs.CreateAsync(
            new RunRequest(RunKind.Pipeline, "p", 1, "ann", "k") { Parameters = new Dictionary<string, string> { ["i"] = value } }, Token);
    }

    [Fact]
    public async Task A_full_refresh_that_was_asked_for_reads_everything_again()
    {
        await using var bed = new PipelineBed();
        await bed.PutDatasetAsync("flights", """{"name": "id", "type": "int64"}""");
        await bed.LoadAsync("flights", "SELECT range AS id FROM range(10)");
        await bed.PutPipelineAsync("p", """{ "name": "s", "target": "fact", "sql": "SELECT * FROM new.flights" }""");
        await bed.RunAsync("p");
        await bed.LoadAsync("flights", "SELECT range AS id FROM range(10, 15)");

        var run = await bed.Runs.CreateAsync(new RunRequest(RunKind.Pipeline, "p", 1, "ann") { FullRefresh = ["s"] }, Token);
        await bed.ExecuteAsync(run.Id, times: 2);

        var ended = await bed.Runs.GetAsync(run.Id, Token);
        Assert.True(ended.Status == RunStatus.Succeeded, ended.Error?.Message);
        Assert.Equal(15, ended.Steps[0].RowsOut);
        Assert.Equal(["15"], await bed.QueryAsync("SELECT count(*) FROM fact", Fact));
    }

    private static async Task<Run> RunAsync(PipelineBed bed, IReadOnlyDictionary<string, string>? values)
    {
        var run = await bed.Runs.CreateAsync(new RunRequest(RunKind.Pipeline, "p", 1, "ann") { Parameters = values }, Token);
        await bed.ExecuteAsync(run.Id);
        return await bed.Runs.GetAsync(run.Id, Token);
    }

    private static Task PutAsync(PipelineBed bed, string parameters, string sql) => bed.Get<CatalogStore>().PutAsync<PipelineDefinition>(
        "p",
        Encoding.UTF8.GetBytes($$"""
            { "parameters": [ {{parameters}} ], "steps": [ { "name": "s", "target": "fact", "mode": "overwrite", "sql": "{{sql}}" } ] }
            """),
        PutCondition.None,
        Token);
}
