using DataPlatform.Failures;
using DataPlatform.Lake;
using DataPlatform.Platform.Tests.Tables;
using DataPlatform.Sql.Maintenance;
using DataPlatform.Tables;
using DataPlatform.Tables.Maintenance;
using static DataPlatform.Platform.Tests.Sql.Maintenance.MaintenanceBed;

namespace DataPlatform.Platform.Tests.Sql.Maintenance;

/// <summary>Small files become few, and no row changes.</summary>
public sealed class CompactionTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Rows_columns_inputs_and_positions_stay_and_files_become_few()
    {
        await using var bed = new MaintenanceBed();
        var inputs = new WriterInputs("s", new Dictionary<string, TableInput> { ["x"] = new("id", 4, 4) });
        await bed.AppendAsync(Rows(0, 50), new TableChange
        {
            Operation = "WRITE",
            Columns = [],
            Inputs = inputs,
            Transactions = new Dictionary<string, long> { ["p/s/x/id"] = 4 },
        });
        for (var i = 1; i < 6; i++)
            await bed.AppendAsync(Rows(i * 50, 50, i));
        var (before, rows) = ((await bed.Table.TryGetSnapshotAsync(null, Token))!, await bed.RowsAsync());

        var told = await bed.Compaction().TryAsync(SqlBed.Table, new CompactionOptions(), Token);
        var result = await bed.CompactAsync("op");

        Assert.Equal((1, 6, before.Files.Sum(file => file.Size)), (told.Commits, told.FilesRemoved, told.BytesRemoved));
        Assert.Equal((1, 6, 1, 6L, false), (result.Commits, result.FilesRemoved, result.FilesAdded, result.Version, result.More));
        var after = (await bed.Process().Get(SqlBed.Table).TryGetSnapshotAsync(null, Token))!;
        Assert.Equal((1, 300, rows), (after.Files.Count, after.Rows, await bed.RowsAsync()));
        Assert.Equal(before.Columns, after.Columns);
        Assert.Equal(4, after.Transactions["p/s/x/id"]);
        Assert.Equal("299", after.Files[0].Statistics!.Maximum["id"].GetRawText());
        Assert.Equal(4, (await new TableLineage(bed.Tables).ReadAsync(SqlBed.Table, 6, Token))["s"]["x"].Version);
        var commit = await bed.Table.ReadCommitsAsync(5, null, Token).SingleAsync(Token);
        Assert.Equal(("OPTIMIZE", false), (commit.Operation, commit.DataChange));
        Assert.Equal(rows, await bed.RowsAsync(version: 5));
    }

    [Fact]
    public async Task Again_it_finds_what_it_did_and_nothing_to_do()
    {
        await using var bed = new MaintenanceBed();
        for (var i = 0; i < 4; i++)
            await bed.AppendAsync(Rows(i * 10, 10));
        var first = await bed.CompactAsync("op", since: 3);

        Assert.Equal(first, await bed.CompactAsync("op", since: 3));
        Assert.Equal(0, (await bed.CompactAsync("other", since: 3)).Commits);
        Assert.Equal(4, (await bed.Table.TryGetSnapshotAsync(null, Token))!.Version);
    }

    [Fact]
    public async Task Files_that_a_restore_brings_back_are_brought_together_again()
    {
        await using var bed = new MaintenanceBed();
        for (var i = 0; i < 4; i++)
            await bed.AppendAsync(Rows(i * 10, 10));
        var options = new CompactionOptions { BytesAtOnce = 1 };
        await bed.CompactAsync("op", options, since: 3);
        await bed.Restore().RunAsync(SqlBed.Table, 3, "back", 4, dryRun: false, Token);

        await bed.CompactAsync("op", options, since: 3);

        Assert.Single((await bed.Table.TryGetSnapshotAsync(null, Token))!.Files);
        Assert.False((await bed.CompactAsync("op", options, since: 3)).More);
    }

    [Fact]
    public async Task It_goes_on_where_a_limit_ended_it()
    {
        await using var bed = new MaintenanceBed();
        for (var i = 0; i < 6; i++)
            await bed.AppendAsync(Rows(i * 400, 400));
        var size = (await bed.Table.TryGetSnapshotAsync(null, Token))!.Files.Max(file => file.Size);
        var (options, rows) = (new CompactionOptions { SmallBytes = size + 1, TargetBytes = 2 * size, BytesAtOnce = 1 }, await bed.RowsAsync());

        var part = await bed.CompactAsync("op", options, since: 5);
        Assert.Equal((1, true), (part.Commits, part.More));
        for (var more = true; more;)
            (more, part) = (part.More, await bed.CompactAsync("op", options, since: 5));

        Assert.Equal((3, 6, 3), (part.Commits, part.FilesRemoved, part.FilesAdded));
        Assert.Equal(rows, await bed.RowsAsync());
    }

    [Fact]
    public async Task Files_are_sorted_once()
    {
        await using var bed = new MaintenanceBed();
        await bed.AppendAsync("SELECT range::INTEGER AS id, (1000 - range)::INTEGER AS v FROM range(1000)");
        await bed.AppendAsync("SELECT range::INTEGER AS id, (3000 - range)::INTEGER AS v FROM range(1000)");
        var (options, rows) = (new CompactionOptions { SortBy = ["v"] }, await bed.RowsAsync());

        Assert.Equal(1, (await bed.CompactAsync("op", options)).FilesAdded);
        Assert.Equal(0, (await bed.CompactAsync("again", options)).Commits);

        var snapshot = (await bed.Process().Get(SqlBed.Table).TryGetSnapshotAsync(null, Token))!;
        await using var session = await bed.Sql.Engine.OpenAsync(Token);
        await session.MountAsync("t", snapshot, options: null, Token);
        Assert.Equal(["true"], await SqlBed.RowsAsync(session, "SELECT list(v) = list_sort(list(v)) FROM t"));
        Assert.Equal(rows, await bed.RowsAsync());
        Assert.Equal(1, (await bed.CompactAsync("by id", new CompactionOptions { SortBy = ["id"] })).Commits);
    }

    [Fact]
    public async Task What_comes_meanwhile_stays_and_a_merge_wins()
    {
        MaintenanceBed? bed = null;
        var meanwhile = 0;
        List<Func<MaintenanceBed, Task>> others =
        [
            b => b.AppendAsync(Rows(1000, 10)),
            b => b.MergeAsync(Rows(5, 1, seed: 9), "id"),
        ];
        FilesRewritten follower = new(async (_, _, _, _) =>
        {
            if (meanwhile < others.Count)
                await others[meanwhile++](bed!);
        });
        await using (bed = new MaintenanceBed(followers: [follower]))
        {
            for (var i = 0; i < 3; i++)
                await bed.AppendAsync(Rows(i * 10, 10));

            // The append is in nobody's way: the first commit lands, and the next one meets the merge and is made anew.
            var result = await bed.CompactAsync("op");

            Assert.Equal(2, meanwhile);
            Assert.Equal(2, result.Commits);
            var snapshot = (await bed.Table.TryGetSnapshotAsync(null, Token))!;
            Assert.Equal((1, 40), (snapshot.Files.Count, snapshot.Rows));
            var expected = new MaintenanceBed();
            await using (expected)
            {
                await expected.AppendAsync($"{Rows(0, 5)} UNION ALL {Rows(5, 1, 9)} UNION ALL {Rows(6, 24)} UNION ALL {Rows(1000, 10)}");
                Assert.Equal(await expected.RowsAsync(), await bed.RowsAsync());
            }
        }
    }

    [Fact]
    public async Task Files_of_different_partitions_are_not_brought_together()
    {
        await using var bed = new MaintenanceBed();
        await bed.AppendAsync("SELECT 1 AS id, 'x' AS region WHERE false UNION ALL SELECT 0, 'z'");
        var log = bed.Sql.Store;
        var metadata = await MetadataAsync(bed);
        await log.Objects.TryPutAsync(SqlBed.Table.Root.Append("_delta_log/00000000000000000001.json"), metadata, PutCondition.IfAbsent, null, Token);
        var all = (await bed.Table.TryGetSnapshotAsync(null, Token))!.Files.Select(file => file.Path).ToList();
        List<DataFile> files = [];
        foreach (var (from, region) in new[] { (0, "eu"), (10, "us"), (20, "eu"), (30, "us"), (40, (string?)null), (50, null) })
        {
            var (_, written) = await bed.Sql.WriteAsync($"SELECT range::INTEGER AS id FROM range({from}, {from + 10})");
            files.Add(written[0] with { PartitionValues = new Dictionary<string, string?> { ["region"] = region } });
        }

        await bed.Table.CommitAsync(
            new TableChange { Operation = "WRITE", Columns = [new("id", "integer"), new("region", "string")], Add = files, Remove = all, ReadVersion = 1 }, Token);
        var rows = await bed.RowsAsync();

        var result = await bed.CompactAsync("op");

        Assert.Equal((3, 6, 3), (result.Commits, result.FilesRemoved, result.FilesAdded));
        Assert.Equal(rows, await bed.RowsAsync());
        Assert.Equal(["", "eu", "us"], (await bed.Table.TryGetSnapshotAsync(null, Token))!.Files.Select(file => file.PartitionValues["region"] ?? "").Order());
    }

    [Fact]
    public async Task What_cannot_be_is_said()
    {
        await using var bed = new MaintenanceBed();
        Assert.Equal("TableNotFound", (await Assert.ThrowsAsync<TerminalException>(() => bed.CompactAsync("op"))).Code);
        await bed.AppendAsync(Rows(0, 3));
        Assert.Equal("UnknownColumn", (await Assert.ThrowsAsync<TerminalException>(() => bed.CompactAsync("op", new CompactionOptions { SortBy = ["nope"] }))).Code);
    }

    [Fact]
    public async Task A_file_that_does_not_hold_what_the_log_says_is_left_alone()
    {
        await using var bed = new MaintenanceBed();
        await bed.AppendAsync(Rows(0, 3));
        var (columns, files) = await bed.Sql.WriteAsync(Rows(10, 3));
        await bed.Table.CommitAsync(
            new TableChange { Operation = "WRITE", Columns = columns, Add = [files[0] with { Statistics = files[0].Statistics! with { Rows = 4 } }] }, Token);

        Assert.Equal("TableFilesDiffer", (await Assert.ThrowsAsync<TerminalException>(() => bed.CompactAsync("op"))).Code);
        Assert.Equal(1, (await bed.Table.TryGetSnapshotAsync(null, Token))!.Version);
    }

    private static async Task<byte[]> MetadataAsync(MaintenanceBed bed)
    {
        using var reader = new StreamReader(await bed.Sql.Objects.OpenReadAsync(SqlBed.Table.Root.Append("_delta_log/00000000000000000000.json"), null, Token));
        var line = (await reader.ReadToEndAsync(Token)).Split('\n').Single(line => line.Contains("metaData", StringComparison.Ordinal));
        return System.Text.Encoding.UTF8.GetBytes(line.Replace("\"partitionColumns\":[]", "\"partitionColumns\":[\"region\"]", StringComparison.Ordinal));
    }
}
