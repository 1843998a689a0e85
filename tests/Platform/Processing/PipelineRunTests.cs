using DataPlatform.Operations;
using DataPlatform.Tables;

namespace DataPlatform.Platform.Tests.Processing;

public sealed class PipelineRunTests
{
    private const string Enrich = """
        { "name": "enrich", "target": "fact", "mode": "append", "parallel": "files",
          "sql": "SELECT f.*, a.state FROM new.flights f LEFT JOIN airports a ON a.iata = f.origin -- joined",
          "expectations": [ {"name": "known_state", "condition": "state IS NOT NULL", "onFail": "warn"} ] }
        """;

    private static readonly TableName Fact = new(TableKind.Warehouse, "fact");
    private static readonly TableName Daily = new(TableKind.Warehouse, "daily");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task New_rows_are_joined_checked_and_appended_once()
    {
        await using var bed = await FlightsAsync(Enrich);
        await bed.LoadAsync("flights", Flights(0, 100));

        var first = await bed.RunAsync("p");
        var nothing = await bed.RunAsync("p");
        await bed.LoadAsync("flights", Flights(100, 150));
        var second = await bed.RunAsync("p");

        Assert.Equal(RunStatus.Succeeded, first.Status);
        var step = Assert.Single(first.Steps);
        Assert.Equal((RunStatus.Succeeded, 100L, 100L, 0L), (step.Status, step.RowsIn, step.RowsOut, step.TableVersion));
        Assert.Equal(50, Assert.Single(step.Expectations).Broken);
        Assert.Equal([new RunInput("flights", true, null, 0), new RunInput("airports", false, null, 0)], step.Inputs);
        Assert.Equal(RunStatus.Skipped, nothing.Steps[0].Status);
        Assert.Contains("Nothing new", nothing.Steps[0].Note, StringComparison.Ordinal);
        Assert.Equal((50L, 50L, 1L), (second.Steps[0].RowsIn, second.Steps[0].RowsOut, second.Steps[0].TableVersion));
        Assert.Equal(["150|75|11175"], await bed.QueryAsync("SELECT count(*), count(state), sum(id) FROM fact", Fact));
    }

    [Fact]
    public async Task Every_activity_executed_three_times_commits_once()
    {
        await using var bed = await FlightsAsync(
            Enrich,
            """{ "name": "daily", "target": "daily", "mode": "merge", "key": ["origin"], "sql": "SELECT origin, count(*) AS n FROM fact GROUP BY origin;" }""");
        await bed.LoadAsync("flights", Flights(0, 10));
        await bed.RunAsync("p", times: 3);
        await bed.LoadAsync("flights", Flights(10, 20));

        var run = await bed.RunAsync("p", times: 3);

        Assert.Equal((1L, 1L), (run.Steps[0].TableVersion, run.Steps[1].TableVersion));
        Assert.Equal(2, run.Steps[1].RowsReplaced);
        Assert.Equal(["20|190"], await bed.QueryAsync("SELECT count(*), sum(id) FROM fact", Fact));
        Assert.Equal(["A|10", "B|10"], await bed.QueryAsync("SELECT * FROM daily ORDER BY origin", Daily));
    }

    [Fact]
    public async Task A_commit_whose_result_was_never_noted_is_found_again()
    {
        await using var bed = await FlightsAsync(
            """{ "name": "s", "target": "fact", "mode": "merge", "key": ["id"], "sql": "SELECT * FROM new.flights" }""");
        await bed.LoadAsync("flights", Flights(0, 10));
        await bed.RunAsync("p");
        await bed.LoadAsync("flights", Flights(5, 15));
        var run = await bed.RunAsync("p");

        await bed.ForgetAsync(DataPlatform.Processing.RunFiles.Result(run.Id, "s"));
        var again = await bed.Activities.StartStepAsync(run.Id, 0, Token);

        Assert.Null(again.Error);
        Assert.Equal(1, (await bed.Tables.Get(Fact).TryGetSnapshotAsync(version: null, Token))!.Version);
        Assert.Equal(5, run.Steps[0].RowsReplaced);
        Assert.Equal(["15|105"], await bed.QueryAsync("SELECT count(*), sum(id) FROM fact", Fact));
    }

    [Fact]
    public async Task Steps_run_in_the_order_of_their_tables_and_read_this_runs_commits()
    {
        await using var bed = await FlightsAsync(
            """{ "name": "last", "target": "daily", "mode": "overwrite", "sql": "SELECT state, count(*) AS n FROM fact GROUP BY state" }""", Enrich);
        await bed.LoadAsync("flights", Flights(0, 4));

        var run = await bed.RunAsync("p");

        Assert.Equal(["enrich", "last"], run.Steps.Select(step => step.Name));
        Assert.Equal([new RunInput("fact", false, null, 0)], run.Steps[1].Inputs);
        Assert.Equal(["TX|2", "NULL|2"], await bed.QueryAsync("SELECT * FROM daily ORDER BY state", Daily));
    }

    [Fact]
    public async Task A_failed_expectation_commits_nothing_and_the_rows_stay_new()
    {
        await using var bed = await FlightsAsync(Enrich.Replace("warn", "fail", StringComparison.Ordinal));
        await bed.LoadAsync("flights", Flights(0, 10));

        var run = await bed.RunAsync("p");

        Assert.Equal((RunStatus.Failed, "ExpectationFailed"), (run.Status, run.Error!.Code));
        Assert.Equal("Step 'enrich' committed nothing: 5 of 10 rows break the expectation 'known_state'.", run.Error.Message);
        Assert.Equal(RunStatus.Failed, run.Steps[0].Status);
        Assert.Null(await bed.Tables.Get(Fact).TryGetSnapshotAsync(version: null, Token));
    }

    [Fact]
    public async Task Rows_removed_from_a_source_fail_the_run_by_commit_and_rearranged_ones_do_not()
    {
        await using var bed = await FlightsAsync(Enrich);
        await bed.LoadAsync("flights", Flights(0, 10));
        await bed.RunAsync("p");
        await bed.LoadAsync("flights", Flights(0, 10), replace: true, dataChange: false);
        var rearranged = await bed.RunAsync("p");
        await bed.LoadAsync("flights", Flights(0, 5), replace: true);

        var run = await bed.RunAsync("p");

        Assert.Equal(RunStatus.Skipped, rearranged.Steps[0].Status);
        Assert.Equal("SourceRowsRemoved", run.Error!.Code);
        Assert.Contains("version 2 (WRITE) removed", run.Error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("SELECT id, 1 AS ID FROM new.flights", "append", "InvalidColumn")]
    [InlineData("SELECT nothing FROM new.flights", "append", "SqlError")]
    [InlineData("SELECT [id] AS ids FROM new.flights", "append", "UnsupportedType")]
    [InlineData("SELECT origin, id FROM new.flights", "merge", "DuplicateKey")]
    [InlineData("SELECT nullif(origin, 'A') AS origin, 1 AS n FROM new.flights", "merge", "NullKey")]
    [InlineData("SELECT id FROM new.flights", "merge", "InvalidKey")]
    public async Task What_a_table_cannot_take_fails_the_run_with_the_reason(string sql, string mode, string code)
    {
        await using var bed = await FlightsAsync($$"""{ "name": "s", "target": "fact", "mode": "{{mode}}", "key": ["origin"], "sql": "{{sql}}" }""");
        await bed.LoadAsync("flights", Flights(0, 10));

        var run = await bed.RunAsync("p");

        Assert.Equal((RunStatus.Failed, code), (run.Status, run.Error?.Code));
        Assert.StartsWith("Step 's'", run.Error!.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(" Error:", run.Error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_source_without_data_is_nothing_new_and_a_whole_table_without_data_an_error()
    {
        await using var bed = await FlightsAsync(Enrich);
        await bed.PutDatasetAsync("empty", """{"name": "id", "type": "int64"}""");
        await bed.PutPipelineAsync("q", """{ "name": "s", "target": "other", "sql": "SELECT * FROM empty" }""");

        var waiting = await bed.RunAsync("p");
        var failed = await bed.RunAsync("q");

        Assert.Equal((RunStatus.Succeeded, "Table 'flights' has no data yet."), (waiting.Status, waiting.Steps[0].Note));
        Assert.Equal("TableHasNoData", failed.Error!.Code);
    }

    [Theory]
    [InlineData("append")]
    [InlineData("merge")]
    [InlineData("overwrite")]
    public async Task Of_two_runs_over_the_same_rows_one_commits_and_the_other_sees_it(string mode)
    {
        await using var bed = await FlightsAsync($$"""{ "name": "s", "target": "fact", "mode": "{{mode}}", "key": ["id"], "sql": "SELECT * FROM new.flights" }""");
        await bed.LoadAsync("flights", Flights(0, 10));
        var (one, other) = (await bed.StartAsync("p"), await bed.StartAsync("p"));
        foreach (var run in (string[])[one.Id, other.Id])
        {
            await bed.Activities.BeginAsync(run, Token);
            await bed.Activities.PlanStepAsync(run, 0, Token);
            Assert.Null((await bed.Activities.RunGroupAsync(run, 0, 0, Token)).Error);
        }

        Assert.Null((await bed.Activities.CommitStepAsync(one.Id, 0, Token)).Error);
        Assert.Null((await bed.Activities.CommitStepAsync(other.Id, 0, Token)).Error);

        Assert.Equal(RunStatus.Skipped, (await bed.Runs.GetAsync(other.Id, Token)).Steps[0].Status);
        Assert.Equal(0, (await bed.Tables.Get(Fact).TryGetSnapshotAsync(version: null, Token))!.Version);
        Assert.Equal(["10"], await bed.QueryAsync("SELECT count(*) FROM fact", Fact));
    }

    [Fact]
    public async Task A_run_executes_the_definition_it_was_asked_for()
    {
        await using var bed = await FlightsAsync(Enrich);
        await bed.LoadAsync("flights", Flights(0, 10));
        var run = await bed.StartAsync("p");
        await bed.PutPipelineAsync("p", """{ "name": "enrich", "target": "fact", "sql": "SELECT 1 AS one" }""");

        await bed.ExecuteAsync(run.Id);

        Assert.Equal(["10"], await bed.QueryAsync("SELECT count(*) FROM fact WHERE id < 10", Fact));
    }

    [Fact]
    public async Task A_run_that_has_ended_is_not_begun_again()
    {
        await using var bed = await FlightsAsync(Enrich);
        await bed.LoadAsync("flights", Flights(0, 10));
        var run = await bed.RunAsync("p");

        Assert.True((await bed.Activities.BeginAsync(run.Id, Token)).NothingToDo);
        await bed.Activities.EndAsync(run.Id, new RunFailure("Late", "too late"), Token);

        Assert.Equal(RunStatus.Succeeded, (await bed.Runs.GetAsync(run.Id, Token)).Status);
    }

    [Theory]
    [InlineData("overwrite", "SELECT origin, count(*) AS n FROM flights GROUP BY origin")]
    [InlineData("merge", "SELECT origin, count(*) AS n FROM flights GROUP BY origin")]
    [InlineData("overwrite", "SELECT f.origin, count(*) AS n FROM flights f JOIN airports a ON a.iata = f.origin OR true GROUP BY f.origin")]
    public async Task A_run_that_read_older_tables_does_not_put_back_what_a_newer_one_wrote(string mode, string sql)
    {
        await using var bed = await FlightsAsync($$"""{ "name": "s", "target": "daily", "mode": "{{mode}}", "key": ["origin"], "sql": "{{sql}}" }""");
        await bed.LoadAsync("flights", Flights(0, 10));
        var slow = await bed.StartAsync("p");
        await bed.Activities.BeginAsync(slow.Id, Token);
        await bed.Activities.PlanStepAsync(slow.Id, 0, Token);
        await bed.Activities.RunGroupAsync(slow.Id, 0, 0, Token);
        await bed.LoadAsync("flights", Flights(10, 30));
        await bed.RunAsync("p");

        await bed.ExecuteAsync(slow.Id);

        var run = await bed.Runs.GetAsync(slow.Id, Token);
        Assert.Equal((RunStatus.Succeeded, RunStatus.Skipped), (run.Status, run.Steps[0].Status));
        Assert.Equal(["A|15", "B|15"], await bed.QueryAsync("SELECT * FROM daily ORDER BY origin", Daily));
    }

    [Fact]
    public async Task Runs_that_overlap_step_by_step_lose_and_double_nothing()
    {
        await using var bed = await FlightsAsync(
            Enrich,
            """{ "name": "late", "target": "late", "sql": "SELECT id FROM new.fact" }""",
            """{ "name": "daily", "target": "daily", "mode": "overwrite", "sql": "SELECT origin, count(*) AS n FROM fact GROUP BY origin" }""");
        await bed.LoadAsync("flights", Flights(0, 10));
        var slow = await bed.StartAsync("p");
        await bed.Activities.BeginAsync(slow.Id, Token);
        await bed.Activities.PlanStepAsync(slow.Id, 0, Token);
        await bed.LoadAsync("flights", Flights(10, 30));
        var fast = await bed.StartAsync("p");
        await bed.Activities.BeginAsync(fast.Id, Token);

        // The slow one commits its first step, then the fast one plans behind it and overtakes it at the second.
        await bed.Activities.RunGroupAsync(slow.Id, 0, 0, Token);
        Assert.Null((await bed.Activities.CommitStepAsync(slow.Id, 0, Token)).Error);
        await bed.Activities.PlanStepAsync(slow.Id, 1, Token);
        await bed.ExecuteAsync(fast.Id);
        await bed.ExecuteAsync(slow.Id);

        Assert.Equal(RunStatus.Succeeded, (await bed.Runs.GetAsync(slow.Id, Token)).Status);
        Assert.Equal(RunStatus.Succeeded, (await bed.Runs.GetAsync(fast.Id, Token)).Status);
        Assert.Equal(["30|435"], await bed.QueryAsync("SELECT count(*), sum(id) FROM fact", Fact));
        Assert.Equal(["30|435"], await bed.QueryAsync("SELECT count(*), sum(id) FROM late", new TableName(TableKind.Warehouse, "late")));
        Assert.Equal(["A|15", "B|15"], await bed.QueryAsync("SELECT * FROM daily ORDER BY origin", Daily));
    }

    [Fact]
    public async Task Two_new_sources_of_a_union_are_followed_one_by_one()
    {
        await using var bed = await FlightsAsync(
            """{ "name": "s", "target": "joined", "sql": "SELECT id FROM new.flights UNION ALL SELECT 1000 AS id FROM new.airports" }""");
        TableName joined = new(TableKind.Warehouse, "joined");
        await bed.LoadAsync("flights", Flights(0, 3));
        await bed.RunAsync("p", times: 2);
        await bed.LoadAsync("airports", "SELECT 'B' AS iata, 'CA' AS state");
        await bed.RunAsync("p", times: 2);
        await bed.LoadAsync("flights", Flights(3, 4));
        await bed.RunAsync("p", times: 2);
        Assert.Equal(["6|2006"], await bed.QueryAsync("SELECT count(*), sum(id) FROM joined", joined));
    }

    [Fact]
    public async Task Runs_at_one_time_over_the_same_tables_both_write_and_once_each()
    {
        await using var bed = await FlightsAsync(
            """{ "name": "s", "target": "daily", "mode": "overwrite", "sql": "SELECT origin, count(*) AS n FROM flights GROUP BY origin" }""");
        await bed.LoadAsync("flights", Flights(0, 10));
        var slow = await bed.StartAsync("p");
        await bed.Activities.BeginAsync(slow.Id, Token);
        await bed.Activities.PlanStepAsync(slow.Id, 0, Token);
        await bed.RunAsync("p");

        await bed.ExecuteAsync(slow.Id, times: 2);

        Assert.Equal(RunStatus.Succeeded, (await bed.Runs.GetAsync(slow.Id, Token)).Steps[0].Status);
        Assert.Equal(1, (await bed.Tables.Get(Daily).TryGetSnapshotAsync(version: null, Token))!.Version);
        Assert.Equal(["A|5", "B|5"], await bed.QueryAsync("SELECT * FROM daily ORDER BY origin", Daily));
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(3, true)]
    public async Task Any_sequence_of_batches_and_runs_equals_a_recomputation(int seed, bool remote)
    {
        var random = new Random(seed);
        await using var bed = await FlightsAsync(
            remote,
            Enrich,
            """{ "name": "late", "target": "late", "mode": "append", "sql": "SELECT id, ts FROM new.fact WHERE id % 3 = 0" }""",
            """
            { "name": "daily", "target": "daily", "mode": "merge", "key": ["origin", "day"],
              "sql": "SELECT origin, CAST(ts AS DATE) AS day, count(*) AS n FROM fact GROUP BY ALL" }
            """);
        var id = 0;
        for (var i = 0; i < 8; i++)
        {
            if (random.Next(3) > 0)
            {
                var count = random.Next(1, 60);
                await bed.LoadAsync("flights", Flights(id, id += count));
            }

            if (random.Next(2) > 0)
                await bed.RunAsync("p", times: random.Next(1, 3));
        }

        if (id == 0)
            await bed.LoadAsync("flights", Flights(0, id = 10));
        var run = await bed.RunAsync("p");

        Assert.Equal(RunStatus.Succeeded, run.Status);
        TableName[] tables = [new(TableKind.Dataset, "flights"), new(TableKind.Dataset, "airports"), Fact, Daily, new(TableKind.Warehouse, "late")];
        foreach (var (table, sql) in new[]
        {
            ("fact", "SELECT f.*, a.state FROM flights f LEFT JOIN airports a ON a.iata = f.origin"),
            ("late", "SELECT id, ts FROM flights WHERE id % 3 = 0"),
            ("daily", "SELECT origin, CAST(ts AS DATE) AS day, count(*) AS n FROM flights GROUP BY ALL"),
        })
            Assert.Equal(["0|0"], await bed.QueryAsync(
                $"SELECT (SELECT count(*) FROM (SELECT * FROM {table} EXCEPT ALL ({sql}))), (SELECT count(*) FROM (({sql}) EXCEPT ALL SELECT * FROM {table}))", tables));
    }

    [Fact]
    public async Task Many_files_are_worked_on_in_groups()
    {
        await using var bed = await FlightsAsync(Enrich);
        for (var i = 0; i < 3; i++)
            await bed.LoadAsync("flights", $"SELECT range AS id, 'A' AS origin, make_timestamp(range * 1000000) AS ts FROM range({i * 2_500_000}, {(i + 1) * 2_500_000})");

        var run = await bed.RunAsync("p");

        Assert.Equal(RunStatus.Succeeded, run.Status);
        Assert.Equal(3, run.Steps[0].Groups);
        Assert.Equal([0, 1, 2], run.Steps[0].GroupsDone);
        Assert.Equal(7_500_000, (await bed.Tables.Get(Fact).TryGetSnapshotAsync(version: null, Token))!.Rows);
    }

    private static string Flights(int from, int to) =>
        $"SELECT range AS id, if(range % 2 = 0, 'A', 'B') AS origin, TIMESTAMP '2001-01-01' + to_hours(range::INTEGER) AS ts, 'x' AS _batch FROM range({from}, {to})";

    private static Task<PipelineBed> FlightsAsync(params string[] steps) => FlightsAsync(remote: false, steps);

    private static async Task<PipelineBed> FlightsAsync(bool remote, params string[] steps)
    {
        var bed = new PipelineBed(remote);
        await bed.PutDatasetAsync("flights", """{"name": "id", "type": "int64"}, {"name": "origin", "type": "string"}, {"name": "ts", "type": "timestamp"}""");
        await bed.PutDatasetAsync("airports", """{"name": "iata", "type": "string"}, {"name": "state", "type": "string"}""");
        await bed.LoadAsync("airports", "SELECT 'A' AS iata, 'TX' AS state");
        await bed.PutPipelineAsync("p", string.Join(',', steps));
        return bed;
    }
}
