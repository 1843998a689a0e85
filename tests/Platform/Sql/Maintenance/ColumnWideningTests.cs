using DataPlatform.Failures;
using DataPlatform.Sql;
using DataPlatform.Sql.Maintenance;
using DataPlatform.Tables;

namespace DataPlatform.Platform.Tests.Sql.Maintenance;

public sealed class ColumnWideningTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_file_is_written_anew_and_no_row_changes()
    {
        await using var bed = new MaintenanceBed();
        await bed.AppendAsync(MaintenanceBed.Rows(0, 10));
        await bed.AppendAsync(MaintenanceBed.Rows(10, 10));
        var before = await bed.RowsAsync(columns: "* REPLACE (id::BIGINT AS id)");
        var dry = await WidenAsync(bed, "op", dryRun: true);
        Assert.Equal((null, 2, (int?)null), (dry.Version, dry.FilesRemoved, dry.FilesAdded));

        var result = await WidenAsync(bed, "op");

        Assert.Equal((2L, 2, 2), (result.Version, result.FilesRemoved, result.FilesAdded));
        Assert.Equal("long", result.Columns["id"]);
        Assert.Equal(before, await bed.RowsAsync());
        Assert.Equal(await bed.RowsAsync(1, "* REPLACE (id::BIGINT AS id)"), before);
        var snapshot = (await bed.Table.TryGetSnapshotAsync(null, Token))!;
        await using var session = await bed.Sql.Engine.OpenAsync(Token);
        foreach (var file in await session.LeaseAsync(SqlBed.Table, snapshot.Files, Token))
            Assert.Equal(["BIGINT"], await SqlBed.RowsAsync(session, $"SELECT DISTINCT typeof(id) FROM read_parquet('{file}')"));
        await foreach (var commit in bed.Table.ReadCommitsAsync(1, null, Token))
            Assert.False(commit.DataChange);
        Assert.Equal((result.Version, result.FilesAdded), await WidenAsync(bed, "op") is var again ? (again.Version, again.FilesAdded) : default);
        Assert.Null((await WidenAsync(bed, "other")).Version);
        Assert.Equal(2, (await bed.Table.TryGetSnapshotAsync(null, Token))!.Version);
    }

    [Fact]
    public async Task What_others_do_meanwhile_is_there_afterwards()
    {
        var gate = 0;
        MaintenanceBed? bed = null;
        List<Func<MaintenanceBed, Task>> others =
        [
            b => b.AppendAsync(MaintenanceBed.Rows(100, 5)),
            b => b.MergeAsync(MaintenanceBed.Rows(0, 3, seed: 9), "id"),
            b => b.CompactAsync("compaction"),
            b => b.AppendAsync(MaintenanceBed.Rows(200, 5)),
        ];
        await using (bed = new MaintenanceBed(followers: [new((_, _, _, _) => gate < others.Count ? others[gate++](bed!) : Task.CompletedTask)]))
        {
            await bed.AppendAsync(MaintenanceBed.Rows(0, 10));
            await bed.AppendAsync(MaintenanceBed.Rows(10, 10));
            await WidenAsync(bed, "op");

            Assert.Equal(others.Count, gate);
            var newest = (await bed.Table.TryGetSnapshotAsync(null, Token))!;
            Assert.Equal("long", newest.Columns[0].Type);
            await using var session = await bed.Sql.Engine.OpenAsync(Token);
            await session.MountAsync("t", newest, null, Token);
            Assert.Equal(["30|30|3"], await SqlBed.RowsAsync(session, "SELECT count(*), count(DISTINCT id), count(*) FILTER (WHERE v = 'v' || (id * 7 + 9)) FROM t"));
        }
    }

    [Fact]
    public async Task A_follower_of_the_table_reads_new_rows_of_both_types()
    {
        await using var bed = new MaintenanceBed();
        await bed.AppendAsync(MaintenanceBed.Rows(0, 3));
        await WidenAsync(bed, "op");
        await bed.AppendAsync("SELECT 3000000000::BIGINT AS id, 'x' AS v, now() AS at, 'b' AS _batch");
        List<DataFile> added = [];
        await foreach (var commit in bed.Table.ReadCommitsAsync(-1, null, Token))
        {
            if (commit.DataChange)
                added.AddRange(commit.Added);
        }

        await using var session = await bed.Sql.Engine.OpenAsync(Token);
        await session.MountAsync("t", (await bed.Table.TryGetSnapshotAsync(null, Token))!, new MountOptions { Files = added }, Token);
        Assert.Equal(["0|3000000000|4"], await SqlBed.RowsAsync(session, "SELECT min(id), max(id), count(*) FROM t"));
    }

    [Theory]
    [InlineData("id", "short", "NotWider")]
    [InlineData("id", "string", "NotWider")]
    [InlineData("v", "binary", "NotWider")]
    [InlineData("none", "long", "UnknownColumn")]
    [InlineData("_batch", "string", "UnknownColumn")]
    public async Task What_cannot_be_is_refused_before_anything_is_read(string column, string type, string code)
    {
        await using var bed = new MaintenanceBed();
        await bed.AppendAsync(MaintenanceBed.Rows(0, 3));
        var failure = await Assert.ThrowsAsync<TerminalException>(() => Widening(bed).RunAsync(
            SqlBed.Table, new Dictionary<string, string> { [column] = type }, "op", -1, dryRun: true, Token));
        Assert.Equal((code, $"$.columns.{column}"), (failure.Code, failure.Target));
    }

    private static ColumnWidening Widening(MaintenanceBed bed) => new(bed.Tables, bed.Sql.Engine, bed.Sql.Stage, bed.Followers);

    private static Task<WideningResult> WidenAsync(MaintenanceBed bed, string id, bool dryRun = false) =>
        Widening(bed).RunAsync(SqlBed.Table, new Dictionary<string, string> { ["id"] = "long" }, id, -1, dryRun, Token);
}
