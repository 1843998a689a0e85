using DataPlatform.Lake;
using DataPlatform.Operations;
using DataPlatform.Tables;
using DataPlatform.Tables.Maintenance;

namespace DataPlatform.Platform.Tests.Processing;

public sealed class SourceChangeTests
{
    private static readonly TableName Source = new(TableKind.Dataset, "src");
    private static readonly TableName Fact = new(TableKind.Warehouse, "fact");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Skip_passes_over_whole_commits_and_the_run_names_them()
    {
        await using var bed = await BedAsync("""{ "name": "s", "target": "fact", "onSourceChange": "skip", "sql": "SELECT * FROM new.src" }""");
        await bed.LoadAsync("src", Rows(0, 10));
        await bed.RunAsync("p");
        await bed.LoadAsync("src", Rows(10, 12));
        await bed.LoadAsync("src", Rows(5, 30), replace: true);
        await bed.LoadAsync("src", Rows(40, 41));

        var run = await bed.RunAsync("p", times: 2);

        Assert.Equal(RunStatus.Succeeded, run.Status);
        Assert.Equal("Passed over commits of 'src' that removed or rewrote rows: version 2.", run.Steps[0].Note);
        Assert.Equal(["13|40"], await bed.QueryAsync("SELECT count(*), max(id) FROM fact", Fact));
    }

    [Fact]
    public async Task Changes_take_rows_that_came_went_and_were_rewritten_into_the_target()
    {
        await using var bed = await BedAsync(
            """{ "name": "s", "target": "fact", "mode": "merge", "key": ["id"], "onSourceChange": "changes", "sql": "SELECT * FROM new.src WHERE v % 2 = 0" }""");
        await bed.LoadAsync("src", Rows(0, 10, "range * 2"));
        var first = await bed.RunAsync("p");
        await bed.LoadAsync("src", Rows(10, 12, "range * 2"));

        // 0 to 2 are gone, 3 is odd by now and 4 another even value; the others only lie in another file.
        await bed.LoadAsync("src", Rows(3, 12, "CASE range WHEN 3 THEN 7 WHEN 4 THEN 80 ELSE range * 2 END"), replace: true);
        await bed.LoadAsync("src", "SELECT * FROM (VALUES (20, 20), (21, 21)) t(id, v)");

        var run = await bed.RunAsync("p", times: 2);

        Assert.Equal((10L, 0L, 0L), (first.Steps[0].RowsInserted, first.Steps[0].RowsReplaced, first.Steps[0].RowsDeleted));
        Assert.True(run.Error is null, run.Error?.Message);
        Assert.Equal((3L, 1L, 4L), (run.Steps[0].RowsInserted, run.Steps[0].RowsReplaced, run.Steps[0].RowsDeleted));
        await EqualsAsync(bed, "SELECT * FROM src WHERE v % 2 = 0");
        Assert.DoesNotContain((await bed.Tables.Get(Fact).TryGetSnapshotAsync(version: null, Token))!.Columns, column => column.Name == "_change_type");
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, true)]
    [InlineData(3, false)]
    [InlineData(4, false)]
    public async Task Changes_over_any_sequence_of_commits_equal_a_recomputation(int seed, bool remote)
    {
        var random = new Random(seed);
        await using var bed = await BedAsync(
            """{ "name": "s", "target": "fact", "mode": "merge", "key": ["id"], "onSourceChange": "changes", "sql": "SELECT id, v, _change_type FROM new.src WHERE v <> 3" }""", remote);
        var next = 0;
        await bed.LoadAsync("src", Rows(0, next = 20));
        for (var i = 0; i < 14; i++)
        {
            var newest = (await bed.Tables.Get(Source).TryGetSnapshotAsync(version: null, Token))!.Version;
            switch (random.Next(6))
            {
                case 0:
                    await bed.LoadAsync("src", Rows(next, next += random.Next(1, 10), $"range % {random.Next(2, 7)}"));
                    break;
                case 1:
                    await bed.LoadAsync("src", Rows(random.Next(next), next, $"range % {random.Next(2, 7)}"), replace: true);
                    break;
                case 2:
                    await bed.RewriteAsync(Source, "SELECT * FROM src", dataChange: false);
                    break;
                case 3:
                    await bed.RewriteAsync(Source, $"SELECT id, if(id % 4 = {random.Next(4)}, v + 1, v) AS v FROM src WHERE id % 9 <> {random.Next(9)}", dataChange: true);
                    break;
                case 4 when newest > 0:
                    await bed.Get<TableRestore>().RunAsync(Source, random.Next((int)newest), $"restore-{i}", newest, dryRun: false, Token);
                    break;
                default:
                    Assert.Null((await bed.RunAsync("p", times: random.Next(1, 3))).Error);
                    break;
            }
        }

        Assert.Null((await bed.RunAsync("p")).Error);
        await EqualsAsync(bed, "SELECT id, v FROM src WHERE v <> 3");
    }

    [Fact]
    public async Task Changes_that_cannot_be_told_any_more_stop_the_run()
    {
        await using var bed = await BedAsync(
            """{ "name": "s", "target": "fact", "mode": "merge", "key": ["id"], "onSourceChange": "changes", "sql": "SELECT * FROM new.src" }""");
        await bed.LoadAsync("src", Rows(0, 10));
        await bed.RunAsync("p");
        var gone = (await bed.Tables.Get(Source).TryGetSnapshotAsync(version: null, Token))!.Files[0];
        await bed.LoadAsync("src", Rows(5, 30), replace: true);
        await bed.Get<IObjectStore>().TryDeleteAsync(DataFiles.Locate(Source, gone), etag: null, Token);

        var run = await bed.RunAsync("p");

        Assert.Equal("SourceHistoryLost", run.Error?.Code);
        Assert.Equal(["10"], await bed.QueryAsync("SELECT count(*) FROM fact", Fact));
    }

    [Fact]
    public async Task Rows_that_meet_deleteWhen_delete_their_key()
    {
        await using var bed = await BedAsync(
            """
            { "name": "s", "target": "fact", "mode": "merge", "key": ["id"], "deleteWhen": "v < 0",
              "sql": "SELECT * FROM new.src QUALIFY row_number() OVER (PARTITION BY id ORDER BY abs(v) DESC) = 1" }
            """);
        await bed.LoadAsync("src", Rows(0, 10));
        await bed.RunAsync("p");
        await bed.LoadAsync("src", "SELECT * FROM (VALUES (1, -100), (2, 5), (2, -200), (3, 300), (50, -1), (60, 60)) t(id, v)");

        var run = await bed.RunAsync("p", times: 3);

        Assert.True(run.Error is null, run.Error?.Message);
        Assert.Equal((1L, 1L, 2L), (run.Steps[0].RowsInserted, run.Steps[0].RowsReplaced, run.Steps[0].RowsDeleted));
        Assert.Equal(["0|0", "3|300", "4|4", "5|5", "6|6", "7|7", "8|8", "9|9", "60|60"], await bed.QueryAsync("SELECT id, v FROM fact ORDER BY id", Fact));
    }

    [Fact]
    public async Task A_key_that_one_result_writes_and_deletes_is_refused()
    {
        await using var bed = await BedAsync(
            """{ "name": "s", "target": "fact", "mode": "merge", "key": ["id"], "deleteWhen": "v < 0", "sql": "SELECT * FROM new.src" }""");
        await bed.LoadAsync("src", "SELECT * FROM (VALUES (1, 1), (1, -1)) t(id, v)");

        var run = await bed.RunAsync("p");

        Assert.Equal("DuplicateKey", run.Error?.Code);
        Assert.Contains("both writes and deletes 1 keys", run.Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_result_that_hides_what_was_deleted_is_refused()
    {
        await using var bed = await BedAsync(
            """{ "name": "s", "target": "fact", "mode": "merge", "key": ["id"], "onSourceChange": "changes", "sql": "SELECT id FROM new.src" }""");
        await bed.LoadAsync("src", Rows(0, 10));

        Assert.Equal("MissingDeleteWhen", (await bed.RunAsync("p")).Error?.Code);
    }

    private static string Rows(int from, int to, string value = "range") => $"SELECT range::INTEGER AS id, ({value})::INTEGER AS v FROM range({from}, {to})";

    private static async Task EqualsAsync(PipelineBed bed, string sql) => Assert.Equal(
        ["0|0"],
        await bed.QueryAsync(
            $"SELECT (SELECT count(*) FROM (SELECT * FROM fact EXCEPT ALL ({sql}))), (SELECT count(*) FROM (({sql}) EXCEPT ALL SELECT * FROM fact))", Source, Fact));

    private static async Task<PipelineBed> BedAsync(string step, bool remote = false)
    {
        var bed = new PipelineBed(remote);
        await bed.PutDatasetAsync("src", """{"name": "id", "type": "int32"}, {"name": "v", "type": "int32"}""");
        await bed.PutPipelineAsync("p", step);
        return bed;
    }
}
