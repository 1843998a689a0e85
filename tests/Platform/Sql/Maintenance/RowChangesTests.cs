using DataPlatform.Failures;
using DataPlatform.Lake;
using DataPlatform.Sql;
using DataPlatform.Sql.Maintenance;
using DataPlatform.Tables;
using DataPlatform.Tables.Maintenance;

namespace DataPlatform.Platform.Tests.Sql.Maintenance;

/// <summary>Rows that meet a condition go or change, and no others; files that cannot hold any are not opened.</summary>
public sealed class RowChangesTests
{
    private const int Files = 5;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Ten rows a file. <c>id</c> rises from file to file, <c>moment</c> by a day a file; the last file has no <c>name</c>.</summary>
    private static string Rows(int file) =>
        $"""
        SELECT ({file} * 10 + range)::INTEGER AS id, CASE WHEN {file} < {Files - 1} THEN 'n' || ({file} * 10 + range) END AS name,
            TIMESTAMP '2026-01-01 00:00:00.1234' + to_days({file}) + to_minutes(range) AS moment, DATE '2026-01-01' + {file} AS day,
            ({file} * 10 + range)::DOUBLE / 4 AS ratio, ({file} * 10 + range)::DECIMAL(9,2) AS amount, range % 2 = 0 AS even
        FROM range(10)
        """;

    [Theory]
    [InlineData("id = 23", 1)]
    [InlineData("23 = id", 1)]
    [InlineData("id < 10", 1)]
    [InlineData("10 >= id", 2)]
    [InlineData("id > 48.5", 1)]
    [InlineData("id BETWEEN 18 AND 21", 2)]
    [InlineData("id IN (1, 2, 44)", 2)]
    [InlineData("id = -1", 0)]
    [InlineData("id = '7'", 1)]
    [InlineData("NOT id = 23", 5)]
    [InlineData("id <> 23", 5)]
    [InlineData("id % 7 = 3", 5)]
    [InlineData("id < 10 AND id % 2 = 1", 1)]
    [InlineData("id < 10 OR id > 40", 2)]
    [InlineData("id < 10 OR even", 5)]
    [InlineData("name IS NULL", 1)]
    [InlineData("name IS NOT NULL AND id > 0", 4)]
    [InlineData("name = 'n7'", 1)]
    [InlineData("name = 7", 5, "it would be cast", true)]
    [InlineData("name IN ('n20', 'x')", 2)]
    [InlineData("moment < '2026-01-02'", 1)]
    [InlineData("moment >= TIMESTAMP '2026-01-05 00:09:00.1234'", 1)]
    [InlineData("moment = TIMESTAMP '2026-01-03 00:02:00.1234'", 1)]
    [InlineData("moment < DATE '2026-01-02' AND even", 1)]
    [InlineData("day = '2026-01-03'", 1)]
    [InlineData("CAST(moment AS DATE) = DATE '2026-01-03'", 5)]
    [InlineData("ratio > 11.9", 5, "NaN may lie above every maximum")]
    [InlineData("ratio < 0.3", 1)]
    [InlineData("amount >= 48.00", 1)]
    [InlineData("even", 5)]
    [InlineData("id = NULL", 5)]
    [InlineData("name > 'a'", 4)]
    [InlineData("list_contains(list_transform([1, 2], x -> x * 10), id)", 5)]
    public async Task What_a_condition_meets_is_found_in_few_files(string condition, int atMost, string? why = null, bool fails = false)
    {
        await using var bed = new MaintenanceBed();
        for (var i = 0; i < Files; i++)
            await bed.AppendAsync(Rows(i));
        if (fails)
        {
            var fault = await Assert.ThrowsAnyAsync<TerminalException>(() => bed.RowChanges().RunAsync(SqlBed.Table, new RowChange(condition), "op", -1, dryRun: true, Token));
            Assert.True(fault.Code == "SqlError", why);
            return;
        }

        var expected = await CountAsync(bed, $"({condition}) IS TRUE");
        var told = await bed.RowChanges().RunAsync(SqlBed.Table, new RowChange(condition), "op", -1, dryRun: true, Token);
        var others = await HashAsync(bed, $"({condition}) IS NOT TRUE");
        var result = await bed.RowChanges().RunAsync(SqlBed.Table, new RowChange(condition), "op", -1, dryRun: false, Token);

        Assert.Equal((expected, null), (told.Rows, told.Version));
        Assert.InRange(told.FilesRead, 0, atMost);
        Assert.Equal((told.Rows, told.FilesRead, told.FilesRemoved, told.BytesRemoved), (result.Rows, result.FilesRead, result.FilesRemoved, result.BytesRemoved));
        Assert.Equal(others, await HashAsync(bed, "true"));
        Assert.Equal(expected > 0 ? Files : null, result.Version);
    }

    [Fact]
    public async Task Files_without_statistics_may_hold_everything()
    {
        await using var bed = new MaintenanceBed();
        var (columns, files) = await bed.Sql.WriteAsync(Rows(0));
        await bed.Table.CommitAsync(new TableChange { Operation = "WRITE", Columns = columns, Add = [files[0] with { Statistics = null }] }, Token);

        Assert.Equal(1, (await bed.RowChanges().RunAsync(SqlBed.Table, new RowChange("id = 3"), "op", -1, dryRun: false, Token)).Rows);
        Assert.Equal(9, await CountAsync(bed, "true"));
    }

    [Fact]
    public async Task A_delete_is_one_commit_that_readers_of_changes_see_and_is_done_once()
    {
        await using var bed = new MaintenanceBed();
        for (var i = 0; i < 3; i++)
            await bed.AppendAsync(Rows(i));

        var first = await bed.RowChanges().RunAsync(SqlBed.Table, new RowChange("id >= 5 AND id < 20"), "op", since: 2, dryRun: false, Token);
        await bed.AppendAsync(Rows(1));
        var second = await bed.RowChanges().RunAsync(SqlBed.Table, new RowChange("id >= 5 AND id < 20"), "op", since: 2, dryRun: false, Token);

        Assert.Equal(first, second);
        Assert.Equal((3L, 15L, 2, 1), (first.Version, first.Rows, first.FilesRemoved, first.FilesAdded));
        var commit = await bed.Table.ReadCommitsAsync(2, 3, Token).SingleAsync(Token);
        Assert.Equal(("DELETE", true, """["id >= 5 AND id < 20"]"""), (commit.Operation, commit.DataChange, (string?)commit.Info["operationParameters"]!["predicate"]));
        Assert.All(commit.Removed, file => Assert.DoesNotContain(file.Path, commit.Added.Select(added => added.Path)));
        Assert.Equal(25, await CountAsync(bed, "true"));
        Assert.Null((await bed.RowChanges().RunAsync(SqlBed.Table, new RowChange("id = 1000"), "none", -1, dryRun: false, Token)).Version);
    }

    [Fact]
    public async Task An_update_computes_from_the_row_as_it_was()
    {
        await using var bed = new MaintenanceBed();
        for (var i = 0; i < Files; i++)
            await bed.AppendAsync(Rows(i));
        var others = await HashAsync(bed, "id <> 12");

        var change = new RowChange("id = 12", new Dictionary<string, string>
        {
            ["amount"] = "id * 2",
            ["id"] = "id + 1000",
            ["name"] = "NULL",
            ["moment"] = "moment + INTERVAL 1 DAY",
        });
        var result = await bed.RowChanges().RunAsync(SqlBed.Table, change, "op", -1, dryRun: false, Token);

        Assert.Equal((1L, 1, 1, 1), (result.Rows, result.FilesRead, result.FilesRemoved, result.FilesAdded));
        Assert.Equal(["1012|NULL|2026-01-03 00:02:00.1234|24.00"], await QueryAsync(bed, "SELECT id, name, moment, amount FROM t WHERE id > 1000"));
        Assert.Equal(others, await HashAsync(bed, "id <> 1012"));
        Assert.Equal("UPDATE", (await bed.Table.ReadCommitsAsync(4, null, Token).SingleAsync(Token)).Operation);
    }

    [Fact]
    public async Task A_value_that_cannot_be_computed_changes_nothing()
    {
        await using var bed = new MaintenanceBed();
        await bed.AppendAsync(Rows(0));

        var change = new RowChange("true", new Dictionary<string, string> { ["id"] = "CAST(name AS INTEGER)" });
        Assert.Equal("SqlError", (await Assert.ThrowsAsync<TerminalException>(() => bed.RowChanges().RunAsync(SqlBed.Table, change, "op", -1, dryRun: false, Token))).Code);

        Assert.Equal(0, (await bed.Table.TryGetSnapshotAsync(null, Token))!.Version);
    }

    [Fact]
    public async Task Appends_meanwhile_stay_and_after_a_merge_the_work_begins_anew()
    {
        MaintenanceBed? bed = null;
        var meanwhile = 0;
        List<Func<MaintenanceBed, Task>> others = [b => b.MergeAsync(Rows(0).Replace("FROM range(10)", "FROM range(3)", StringComparison.Ordinal), "id"), b => b.AppendAsync(Rows(2))];
        FilesRewritten follower = new(async (_, _, _, _) =>
        {
            if (meanwhile < others.Count)
                await others[meanwhile++](bed!);
        });
        await using (bed = new MaintenanceBed(followers: [follower]))
        {
            await bed.AppendAsync(Rows(0));
            await bed.AppendAsync(Rows(1));

            var result = await bed.RowChanges().RunAsync(SqlBed.Table, new RowChange("id < 5"), "op", -1, dryRun: false, Token);

            // First the merge took the file away; then the append was in nobody's way.
            Assert.Equal((2, 5L, 4L), (meanwhile, result.Rows, result.Version));
            Assert.Equal(25, await CountAsync(bed, "true"));
            Assert.Equal(0, await CountAsync(bed, "id < 5"));
        }
    }

    /// <summary>One moves the a's to b while the other moves the b's to a: in either order all rows end alike.</summary>
    [Fact]
    public async Task Updates_that_swap_values_of_different_files_do_not_pass_each_other()
    {
        MaintenanceBed? bed = null;
        var (followed, carried) = (false, new List<int>());
        FilesRewritten follower = new(async (_, removed, _, _) =>
        {
            if (!followed)
            {
                followed = true;
                await bed!.RowChanges().RunAsync(SqlBed.Table, Move("b", "a"), "other", -1, dryRun: false, Token);
            }
            else
            {
                carried.Add(removed.Count);
            }
        });
        await using (bed = new MaintenanceBed(followers: [follower]))
        {
            await bed.AppendAsync("SELECT 'a' AS v, range AS id FROM range(3)");
            await bed.AppendAsync("SELECT 'b' AS v, range AS id FROM range(5)");

            var result = await bed.RowChanges().RunAsync(SqlBed.Table, Move("a", "b"), "one", -1, dryRun: false, Token);

            // The other's rows were seen, and the file that was read before was not written again.
            Assert.Equal((3L, 8L), (result.Version, result.Rows));
            Assert.Equal(["b|8"], await QueryAsync(bed, "SELECT v, count(*) FROM t GROUP BY v"));
            Assert.Equal([1, 2], carried);
            Assert.Equal(5, (await bed.ObjectsAsync()).Count);
        }

        static RowChange Move(string from, string to) => new($"v = '{from}'", new Dictionary<string, string> { ["v"] = $"'{to}'" });
    }

    [Fact]
    public async Task Partitions_are_chosen_by_their_values_and_kept()
    {
        await using var bed = new MaintenanceBed();
        await bed.AppendAsync("SELECT 1 AS id, 'x' AS region WHERE false UNION ALL SELECT 0, 'z'");
        using (var reader = new StreamReader(await bed.Sql.Objects.OpenReadAsync(SqlBed.Table.Root.Append("_delta_log/00000000000000000000.json"), null, Token)))
        {
            var line = (await reader.ReadToEndAsync(Token)).Split('\n').Single(line => line.Contains("metaData", StringComparison.Ordinal));
            await bed.Sql.Objects.TryPutAsync(
                SqlBed.Table.Root.Append("_delta_log/00000000000000000001.json"),
                System.Text.Encoding.UTF8.GetBytes(line.Replace("\"partitionColumns\":[]", "\"partitionColumns\":[\"region\"]", StringComparison.Ordinal)),
                PutCondition.IfAbsent, null, Token);
        }

        var all = (await bed.Table.TryGetSnapshotAsync(null, Token))!.Files.Select(file => file.Path).ToList();
        List<DataFile> files = [];
        foreach (var (from, region) in new[] { (0, "eu"), (10, "us"), (20, "eu"), (30, (string?)null) })
        {
            var (_, written) = await bed.Sql.WriteAsync($"SELECT range::INTEGER AS id FROM range({from}, {from + 10})");
            files.Add(written[0] with { PartitionValues = new Dictionary<string, string?> { ["region"] = region } });
        }

        await bed.Table.CommitAsync(
            new TableChange { Operation = "WRITE", Columns = [new("id", "integer"), new("region", "string")], Add = files, Remove = all, ReadVersion = 1 }, Token);

        var one = await bed.RowChanges().RunAsync(SqlBed.Table, new RowChange("region = 'eu' AND id >= 25"), "a", -1, dryRun: false, Token);
        var none = await bed.RowChanges().RunAsync(SqlBed.Table, new RowChange("region IS NULL AND id = 30"), "b", -1, dryRun: false, Token);

        Assert.Equal((5L, 1, 1), (one.Rows, one.FilesRead, one.FilesAdded));
        Assert.Equal((1L, 1, 1), (none.Rows, none.FilesRead, none.FilesAdded));
        Assert.Equal(["|9", "eu|15", "us|10"], await QueryAsync(bed, "SELECT coalesce(region, ''), count(*) FROM t GROUP BY 1 ORDER BY 1"));
        var fixedColumn = new RowChange("id = 1", new Dictionary<string, string> { ["region"] = "'x'" });
        Assert.Equal("InvalidColumn", (await Assert.ThrowsAsync<TerminalException>(() => bed.RowChanges().CheckAsync(SqlBed.Table, fixedColumn, "$", Token))).Code);
    }

    [Theory]
    [InlineData("id = ", "InvalidSql", "$.condition")]
    [InlineData("idd = 1", "InvalidSql", "$.condition", "at line 1, column 1")]
    [InlineData("id = 1 AND\n  naem = 'x'", "InvalidSql", "$.condition", "at line 2, column 3")]
    [InlineData("id", "InvalidCondition", "$.condition")]
    [InlineData("id = (SELECT 1)", "InvalidSql", "$.condition")]
    [InlineData("id IN (SELECT id FROM facts)", "InvalidSql", "$.condition")]
    [InlineData("true; DROP TABLE x", "InvalidSql", "$.condition")]
    [InlineData("true) OR (true", "InvalidSql", "$.condition")]
    [InlineData("count(*) > 1", "InvalidSql", "$.condition")]
    [InlineData("row_number() OVER () > 1", "InvalidSql", "$.condition")]
    [InlineData("getenv('HOME') = 'x'", "InvalidSql", "$.condition")]
    [InlineData("name = (SELECT content FROM read_text('/etc/passwd'))", "InvalidSql", "$.condition")]
    [InlineData("id = $1", "InvalidSql", "$.condition")]
    [InlineData("moment < now()", "InvalidSql", "$.condition", "another value each time")]
    [InlineData("moment < current_timestamp", "InvalidSql", "$.condition", "another value each time")]
    [InlineData("random() < 0.5", "InvalidSql", "$.condition", "another value each time")]
    [InlineData("list_sum(id) > 1", "SqlError", "$.condition")]
    public async Task What_cannot_be_a_condition_is_said_with_its_place(string condition, string code, string target, string? part = null)
    {
        await using var bed = new MaintenanceBed();
        await bed.AppendAsync(Rows(0));

        var fault = await Assert.ThrowsAsync<TerminalException>(() => bed.RowChanges().CheckAsync(SqlBed.Table, new RowChange(condition), "$", Token));

        Assert.Equal((code, target, FailureKind.Invalid), (fault.Code, fault.Target, fault.Kind));
        Assert.Contains(part ?? "", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nope", "1", "UnknownColumn")]
    [InlineData("_batch", "'x'", "UnknownColumn")]
    [InlineData("id", "nope + 1", "InvalidSql")]
    [InlineData("id", "id +", "InvalidSql")]
    public async Task What_cannot_be_set_is_said(string column, string expression, string code)
    {
        await using var bed = new MaintenanceBed();
        await bed.AppendAsync(Rows(0));

        var change = new RowChange("true", new Dictionary<string, string> { [column] = expression });
        var fault = await Assert.ThrowsAsync<TerminalException>(() => bed.RowChanges().CheckAsync(SqlBed.Table, change, "$", Token));

        Assert.Equal((code, $"$.set.{column}"), (fault.Code, fault.Target));
    }

    [Fact]
    public async Task Functions_whose_value_changes_are_all_known()
    {
        await using var bed = new MaintenanceBed();
        await using var session = await bed.Sql.Engine.OpenAsync(Token);
        var changing = await SqlBed.RowsAsync(
            session,
            "SELECT function_name FROM duckdb_functions() WHERE function_type = 'scalar' GROUP BY 1 HAVING bool_and(stability <> 'CONSISTENT')");

        Assert.NotEmpty(changing);
        Assert.Equal([], changing.Where(OpenFunctions.Allows).Except(RowExpression.Changing));
    }

    private static async Task<long> CountAsync(MaintenanceBed bed, string where) =>
        long.Parse((await QueryAsync(bed, $"SELECT count(*) FROM t WHERE {where}"))[0], System.Globalization.CultureInfo.InvariantCulture);

    private static async Task<string> HashAsync(MaintenanceBed bed, string where) =>
        (await QueryAsync(bed, $"SELECT count(*), coalesce(sum(hash(t)::HUGEINT), 0) FROM t WHERE {where}"))[0];

    private static async Task<IReadOnlyList<string>> QueryAsync(MaintenanceBed bed, string sql)
    {
        var snapshot = await bed.Table.TryGetSnapshotAsync(null, Token);
        await using var session = await bed.Sql.Engine.OpenAsync(Token);
        await session.MountAsync("t", snapshot!, options: null, Token);
        return await SqlBed.RowsAsync(session, sql);
    }
}
