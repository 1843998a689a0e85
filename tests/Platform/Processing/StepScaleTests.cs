using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Lake;
using DataPlatform.Operations;
using DataPlatform.Processing;
using DataPlatform.Tables;

namespace DataPlatform.Platform.Tests.Processing;

/// <summary>Steps divided by keys, and steps with a timeout.</summary>
public sealed class StepScaleTests
{
    private const string Counts = "SELECT id, count(*) AS n FROM new.x GROUP BY id";

    private const string Keys = """, "parallel": "keys", "splitBy": ["id"], "partitions": 3""";

    private static readonly TableName Target = new(TableKind.Warehouse, "t");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("append", "SELECT id, count(*) AS n, sum(v) AS s, count(DISTINCT v) AS d FROM new.x GROUP BY id")]
    [InlineData("append", "SELECT id, v FROM new.x QUALIFY row_number() OVER (PARTITION BY id ORDER BY v DESC) = 1")]
    [InlineData("append", "SELECT DISTINCT id, v % 3 AS v FROM new.x")]
    [InlineData("merge", "SELECT x.id, max(x.v) AS v, any_value(y.name) AS name FROM new.x LEFT JOIN y ON y.id = x.id WHERE x.id IS NOT NULL GROUP BY ALL")]
    [InlineData("overwrite", "SELECT id, day, sum(v) AS s FROM x GROUP BY 1, 2")]
    public async Task Partitions_together_give_what_one_query_gives(string mode, string sql)
    {
        await using var bed = await BedAsync();
        await bed.PutPipelineAsync("whole", Step("u", mode, sql, ""));
        await bed.PutPipelineAsync("p", Step("t", mode, sql, """, "parallel": "keys", "splitBy": ["id"], "partitions": 5"""));

        var whole = await bed.RunAsync("whole");
        var run = await bed.RunAsync("p", times: 2);

        Assert.Equal((RunStatus.Succeeded, RunStatus.Succeeded), (whole.Status, run.Status));
        Assert.Equal((5, whole.Steps[0].RowsOut), (run.Steps[0].Groups, run.Steps[0].RowsOut));
        Assert.Equal([0, 1, 2, 3, 4], run.Steps[0].GroupsDone);
        Assert.Equal(InstanceName.Current, Assert.Single(run.Steps[0].Instances));
        Assert.Equal(
            ["0"],
            await bed.QueryAsync("SELECT count(*) FROM ((FROM t EXCEPT ALL FROM u) UNION ALL (FROM u EXCEPT ALL FROM t))", Target, new TableName(TableKind.Warehouse, "u")));
        Assert.True(run.Steps[0].RowsOut > 0);
        Assert.Empty(await DividedAsync(bed, run.Id));
    }

    [Fact]
    public async Task A_retry_does_not_divide_again_what_a_finished_step_had_divided()
    {
        await using var bed = await BedAsync();
        var sum = """{ "name": "sum", "target": "u", "mode": "overwrite", "sql": "SELECT sum(n) AS n FROM t", "expectations": [ {"name": "many", "condition": "n > 9999", "onFail": "fail"} ] }""";
        await bed.PutPipelineAsync("p", $"{Step("t", "append", Counts, Keys)}, {sum}");
        var failed = await bed.RunAsync("p");
        Assert.Equal("ExpectationFailed", failed.Error?.Code);

        var retry = (await bed.Runs.CreateAsync(RunRequest.ToRetry(failed, "ann", idempotencyKey: null), Token)).Id;
        await bed.ExecuteAsync(retry, times: 2);
        var planned = await bed.Activities.PlanStepAsync(retry, 0, Token);

        var taken = await bed.Runs.GetAsync(retry, Token);
        Assert.Equal((RunStatus.Succeeded, failed.Id, 101L), (taken.Steps[0].Status, taken.Steps[0].TakenFrom, taken.Steps[0].RowsOut));
        Assert.Equal((0, 0), (planned.Groups, planned.Splits));
        Assert.Null((await bed.Get<RunFiles>().ReadAsync<StepPlan>(RunFiles.StepPlan(retry, "s"), Token)).Split);
        Assert.Equal(["2000"], await bed.QueryAsync("SELECT sum(n) FROM t", Target));
    }

    [Fact]
    public async Task A_retry_of_a_run_that_failed_between_its_partitions_divides_the_input_itself()
    {
        await using var bed = await BedAsync();
        await bed.PutPipelineAsync("p", Step("t", "append", Counts, Keys));
        var run = (await bed.StartAsync("p")).Id;
        await bed.Activities.BeginAsync(run, Token);
        var planned = await bed.Activities.PlanStepAsync(run, 0, Token);
        for (var group = 0; group < planned.Splits; group++)
            Assert.Null((await bed.Activities.SplitGroupAsync(run, 0, group, Token)).Error);
        Assert.Null((await bed.Activities.RunGroupAsync(run, 0, 0, Token)).Error);
        Assert.NotEmpty(await DividedAsync(bed, run));
        await bed.Activities.EndAsync(run, new RunFailure("ActivityFailed", "Storage was away."), Token);
        Assert.Empty(await DividedAsync(bed, run));

        var retry = (await bed.Runs.CreateAsync(RunRequest.ToRetry(await bed.Runs.GetAsync(run, Token), "ann", idempotencyKey: null), Token)).Id;
        await bed.ExecuteAsync(retry, times: 2);

        var ended = await bed.Runs.GetAsync(retry, Token);
        Assert.True(ended.Status == RunStatus.Succeeded, ended.Error?.Message);
        Assert.Equal((3, 101L), (ended.Steps[0].Groups, ended.Steps[0].RowsOut));
        Assert.Equal(["2000"], await bed.QueryAsync("SELECT sum(n) FROM t", Target));
    }

    [Theory]
    [InlineData("none", true)]
    [InlineData("keys", false)]
    public async Task A_small_step_is_done_by_the_activity_that_plans_it_and_again_changes_nothing(string parallel, bool whole)
    {
        await using var bed = await BedAsync();
        await bed.PutPipelineAsync("p", Step("t", "append", Counts, parallel == "keys" ? Keys : ""));
        var run = (await bed.StartAsync("p")).Id;
        await bed.Activities.BeginAsync(run, Token);

        var once = await bed.Activities.StartStepAsync(run, 0, Token);
        var again = await bed.Activities.StartStepAsync(run, 0, Token);

        Assert.Null(again.Error);
        Assert.Equal((whole, whole, once.Groups), (once.Done, again.Done, again.Groups));
        Assert.Equal(whole ? RunStatus.Succeeded : RunStatus.Running, (await bed.Runs.GetAsync(run, Token)).Steps[0].Status);
        if (whole)
            Assert.Equal(["2000"], await bed.QueryAsync("SELECT sum(n) FROM t", Target));
    }

    [Fact]
    public async Task Who_divides_when_the_run_has_ended_leaves_nothing()
    {
        await using var bed = await BedAsync();
        await bed.PutPipelineAsync("p", Step("t", "append", Counts, Keys));
        var run = (await bed.StartAsync("p")).Id;
        await bed.Activities.BeginAsync(run, Token);
        await bed.Activities.PlanStepAsync(run, 0, Token);
        await bed.Activities.EndAsync(run, new RunFailure("ActivityFailed", "Storage was away."), Token);

        await bed.Activities.SplitGroupAsync(run, 0, 0, Token);

        Assert.Empty(await DividedAsync(bed, run));
    }

    [Fact]
    public async Task Nothing_is_divided_for_a_run_that_is_to_be_canceled()
    {
        await using var bed = await BedAsync();
        await bed.PutPipelineAsync("p", Step("t", "append", Counts, Keys));
        var run = (await bed.StartAsync("p")).Id;
        await bed.Activities.BeginAsync(run, Token);
        await bed.Activities.PlanStepAsync(run, 0, Token);
        await bed.Get<RunCancellation>().RequestAsync(run, "bob", Token);

        var outcome = await bed.Activities.SplitGroupAsync(run, 0, 0, Token);

        Assert.Equal("RunCanceled", outcome.Error?.Code);
        Assert.Empty(await DividedAsync(bed, run));
    }

    [Fact]
    public async Task Only_new_rows_are_divided_and_without_a_number_the_size_decides()
    {
        await using var bed = await BedAsync();
        await bed.PutPipelineAsync("p", Step("t", "append", "SELECT id, count(*) AS n FROM new.x GROUP BY id", """, "parallel": "keys", "splitBy": ["id"]"""));
        var first = await bed.RunAsync("p");
        await bed.LoadAsync("x", "SELECT 7::BIGINT AS id, 1::BIGINT AS v, TIMESTAMP '2020-01-01' AS day FROM range(10)");

        var second = await bed.RunAsync("p");
        var nothing = await bed.RunAsync("p");

        Assert.Equal((1, 1, RunStatus.Skipped), (first.Steps[0].Groups, second.Steps[0].Groups, nothing.Steps[0].Status));
        Assert.Equal(1, second.Steps[0].RowsOut);
        Assert.Equal(["2010"], await bed.QueryAsync("SELECT sum(n) FROM t", Target));
    }

    [Theory]
    [InlineData("nothing", "has no such column")]
    [InlineData("f", "has floating-point numbers there")]
    public async Task A_column_that_does_not_divide_fails_the_run(string column, string reason)
    {
        await using var bed = await BedAsync();
        await bed.LoadAsync("x", "SELECT 1::BIGINT AS id, 1.5::DOUBLE AS f");
        await bed.PutPipelineAsync("p", Step("t", "append", $"SELECT {column}, count(*) AS n FROM new.x GROUP BY {column}", $$""", "parallel": "keys", "splitBy": ["{{column}}"], "partitions": 3"""));

        var run = await bed.RunAsync("p");

        Assert.Equal("InvalidSplit", run.Error?.Code);
        Assert.Contains(reason, run.Error!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("append", false)]
    [InlineData("merge", true)]
    [InlineData("overwrite", false)]
    public async Task A_step_that_timed_out_commits_nothing_however_late_its_activities_come(string mode, bool again)
    {
        await using var bed = await BedAsync();
        await bed.PutPipelineAsync("p", Step("t", mode, "SELECT id, sum(v) AS v FROM new.x WHERE id IS NOT NULL GROUP BY id", """, "timeout": "PT1S" """));
        if (again)
        {
            await bed.RunAsync("p");
            await bed.LoadAsync("x", "SELECT 7::BIGINT AS id, 1::BIGINT AS v");
        }

        var before = (await bed.Tables.Get(Target).TryGetSnapshotAsync(version: null, Token))?.Version;
        var run = (await bed.StartAsync("p")).Id;
        var begun = await bed.Activities.BeginAsync(run, Token);
        await bed.Activities.PlanStepAsync(run, 0, Token);
        await bed.Activities.RunGroupAsync(run, 0, 0, Token);

        var stopped = await bed.Activities.TryStopStepAsync(run, 0, Token);
        var soon = again ? await bed.Activities.CommitStepAsync(run, 0, Token) : null;
        await bed.Activities.EndAsync(run, new RunFailure("StepTimedOut", "…"), Token);
        var lateGroup = await bed.Activities.RunGroupAsync(run, 0, 0, Token);
        var lateCommit = await bed.Activities.CommitStepAsync(run, 0, Token);
        await bed.Activities.PlanStepAsync(run, 0, Token);

        Assert.Equal(TimeSpan.FromSeconds(1), begun.Policies![0].Timeout);
        Assert.True(stopped);
        Assert.Equal(("StepTimedOut", again ? "StepTimedOut" : "RunHasEnded"), (lateGroup.Error?.Code, lateCommit.Error?.Code));
        Assert.Contains("within PT1S", (soon ?? lateGroup).Error!.Message, StringComparison.Ordinal);
        Assert.Equal(before, (await bed.Tables.Get(Target).TryGetSnapshotAsync(version: null, Token))?.Version);
        Assert.Equal((RunStatus.Failed, RunStatus.Failed), ((await bed.Runs.GetAsync(run, Token)).Status, (await bed.Runs.GetAsync(run, Token)).Steps[0].Status));
        var next = await bed.RunAsync("p");
        Assert.Equal((RunStatus.Succeeded, again ? 1L : 100L), (next.Status, next.Steps[0].RowsOut));
    }

    [Fact]
    public async Task A_commit_that_has_begun_is_not_stopped_by_the_timeout()
    {
        await using var bed = await BedAsync();
        await bed.PutPipelineAsync("p", Step("t", "append", "SELECT id FROM new.x", """, "timeout": "PT1S" """));

        var run = await bed.RunAsync("p");

        Assert.False(await bed.Activities.TryStopStepAsync(run.Id, 0, Token));
        Assert.Equal(RunStatus.Succeeded, run.Status);
    }

    [Fact]
    public async Task What_needs_more_disk_than_an_activity_may_use_fails_with_the_setting()
    {
        await using var bed = await BedAsync(remote: true, options => options.ActivityTemporaryBytes = 1 << 20);
        await bed.LoadAsync("x", "SELECT i AS id, CAST(hash(i) >> 1 AS BIGINT) AS v FROM range(400000) t(i)");
        await bed.PutPipelineAsync("p", Step("t", "append", "SELECT * FROM new.x", ""));

        var run = await bed.RunAsync("p");

        Assert.Equal("TemporaryDiskExceeded", run.Error?.Code);
        Assert.Contains("DataPlatform:ActivityTemporaryBytes", run.Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_result_that_outgrows_the_disk_is_stopped_while_it_is_written()
    {
        await using var bed = await BedAsync(remote: false, options => options.ActivityTemporaryBytes = 1 << 20);
        await bed.PutPipelineAsync("p", Step("t", "append", "SELECT i, hash(i)::VARCHAR AS h FROM range(3000000) t(i)", ""));

        var run = await bed.RunAsync("p");

        Assert.Equal("TemporaryDiskExceeded", run.Error?.Code);
    }

    private static string Step(string target, string mode, string sql, string more) =>
        $$"""{ "name": "s", "target": "{{target}}", "mode": "{{mode}}", "key": ["id"], "sql": "{{sql}}"{{more}} }""";

    private static async Task<IReadOnlyList<string>> DividedAsync(PipelineBed bed, string run)
    {
        List<string> found = [];
        await foreach (var file in bed.Get<IObjectStore>().ListAsync(RunFiles.SplitFolder(run, "s"), after: null, Token))
            found.Add(file.Path.ToString());
        return found;
    }

    private static async Task<PipelineBed> BedAsync(bool remote = false, Action<PlatformOptions>? configure = null)
    {
        var bed = new PipelineBed(remote, configure);
        await bed.PutDatasetAsync("x", """{"name": "id", "type": "int64"}, {"name": "v", "type": "int64"}""");
        await bed.PutDatasetAsync("y", """{"name": "id", "type": "int64"}, {"name": "name", "type": "string"}""");
        for (var part = 0; part < 2; part++)
            await bed.LoadAsync("x", $"SELECT nullif(i % 101, 100) AS id, i AS v, TIMESTAMP '2020-01-01' + to_days(CAST(i % 2 AS INTEGER)) AS day FROM range({part * 1000}, {(part + 1) * 1000}) t(i)");
        await bed.LoadAsync("y", "SELECT i AS id, 'n' || i AS name FROM range(50) t(i)");
        return bed;
    }
}
