using System.Globalization;
using System.Text;
using DataPlatform.Failures;
using DataPlatform.Platform.Tests.Sql.Maintenance;
using DataPlatform.Sql;
using DataPlatform.Sql.Maintenance;
using DataPlatform.Tables;
using FsCheck;
using FsCheck.Fluent;

namespace DataPlatform.Platform.Tests.Sql;

/// <summary>Rows divided by columns into files that do not hold these.</summary>
public sealed class PartitionedWriteTests
{
    private const int Seeds = 12;

    private static readonly (string Name, string Type)[] All =
    [
        ("s", "VARCHAR"), ("d", "DATE"), ("n", "DECIMAL(20,4)"), ("t", "TIMESTAMPTZ"), ("b", "BOOLEAN"), ("i", "INTEGER"), ("l", "BIGINT"),
    ];

    private static readonly string?[] Texts =
    [
        null, "a/b", "x=y", "100%", " a b ", "it's", "\"quoted\"", "é漢字🦉", "..", ".", "a.", "%2F", "a%2Fb", "*?[]{}^", "\\", "\u0001\u001f\u007f", "#:", "NULL", "\n\t",
        new string('x', 300), new string('x', 299) + "y", new string('漢', 200), "a\u0301", "A", "a",
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Any_rows_divided_by_any_columns_come_back_equal()
    {
        var subsets = Gen.SubListOf(All.Select(column => column.Name)).Where(names => names.Count > 0);
        var sizes = Gen.Choose(1, 60);
        await using var bed = new SqlBed();
        foreach (var seed in Enumerable.Range(1, Seeds))
        {
            var by = subsets.Sample(1).First();
            await RoundTripAsync(bed, [.. by], sizes.Sample(1).First(), new Random(seed));
        }
    }

    private static async Task RoundTripAsync(SqlBed bed, IReadOnlyList<string> by, int count, Random random)
    {
        var rows = string.Join(", ", Enumerable.Range(0, count).Select(i => $"({i}, {Row(random)})"));
        var select = $"SELECT id::BIGINT AS id, {string.Join(", ", All.Select(column => $"{column.Name}::{column.Type} AS {column.Name}"))} FROM (VALUES {rows}) AS v(id, {string.Join(", ", All.Select(column => column.Name))})";

        var (columns, files) = await bed.WriteAsync(select, new ParquetOptions { PartitionBy = by });

        Assert.All(files, file => Assert.Equal(by.Order(), file.PartitionValues.Keys.Order()));
        Assert.Equal(files.Count, files.Select(file => string.Join('\0', by.Select(name => file.PartitionValues[name] is { } value ? "=" + value : ""))).Distinct().Count());
        await using var session = await bed.Engine.OpenAsync(Token);
        await session.MountAsync("facts", SqlBed.Snapshot(columns, files) with { PartitionColumns = by }, new MountOptions { Instants = true }, Token);
        var expected = await SqlBed.RowsAsync(session, $"SELECT * FROM ({select}) ORDER BY id");
        Assert.Equal(expected, await SqlBed.RowsAsync(session, "SELECT * FROM facts ORDER BY id"));
        foreach (var local in await session.LeaseAsync(SqlBed.Table, files, Token))
            Assert.DoesNotContain((await session.DescribeAsync($"SELECT * FROM read_parquet({SqlText.Files([local])}, hive_partitioning => false)", Token)).Select(column => column.Name), by.Contains);
    }

    [Theory]
    [InlineData("''", "VARCHAR")]
    [InlineData("'__HIVE_DEFAULT_PARTITION__'", "VARCHAR")]
    [InlineData("'a' || chr(0)", "VARCHAR")]
    [InlineData("0.5", "DOUBLE")]
    [InlineData("'x'", "BLOB")]
    [InlineData("'infinity'", "DATE")]
    [InlineData("'10000-01-01'", "DATE")]
    [InlineData("'0044-03-15 (BC)'", "DATE")]
    [InlineData("'infinity'", "TIMESTAMPTZ")]
    [InlineData("'12000-01-01 00:00:00+00'", "TIMESTAMPTZ")]
    public async Task A_value_that_other_readers_would_take_for_another_is_refused_by_column(string value, string type)
    {
        await using var bed = new SqlBed();

        var error = await Assert.ThrowsAsync<TerminalException>(() => bed.WriteAsync($"SELECT 1 AS id, ({value})::{type} AS p", new ParquetOptions { PartitionBy = ["p"] }));

        Assert.Equal(("InvalidPartition", "p"), (error.Code, error.Target));
        Assert.Empty(Directory.EnumerateFileSystemEntries(bed.Scratch.Folder("stage")));
    }

    [Fact]
    public async Task Too_many_values_are_refused_with_column_and_count()
    {
        await using var bed = new SqlBed();

        var error = await Assert.ThrowsAsync<TerminalException>(
            () => bed.WriteAsync("SELECT range AS id, range % 2 AS k FROM range(1001)", new ParquetOptions { PartitionBy = ["id"] }));

        Assert.Equal("TooManyPartitions", error.Code);
        Assert.Contains("'id' has 1001 values", error.Message, StringComparison.Ordinal);
        Assert.Contains("DataPlatform:PartitionsPerWrite", error.Message, StringComparison.Ordinal);
        var (_, files) = await bed.WriteAsync("SELECT range AS id, range % 2 AS k FROM range(1000)", new ParquetOptions { PartitionBy = ["id"] });
        Assert.Equal(1000, files.Count);
    }

    [Fact]
    public async Task Many_partitions_make_few_files_and_a_large_one_several()
    {
        await using var bed = new SqlBed();
        var (_, many) = await bed.WriteAsync("SELECT range AS id, (hash(range) % 300)::INTEGER AS p FROM range(600000)", new ParquetOptions { PartitionBy = ["p"] });
        Assert.InRange(many.Count, 300, 330);

        const string select = "SELECT range AS id, range % 3 = 0 AS p, 'v' || hash(range) AS v, TIMESTAMPTZ '2024-01-01' + to_seconds(range) AS t, 1.50::DECIMAL(9,2) AS n FROM range(700000)";
        var (columns, large) = await bed.WriteAsync(select, new ParquetOptions { PartitionBy = ["p"], FileBytes = 2 << 20 });
        Assert.True(large.Count(file => file.PartitionValues["p"] == "false") > 1);
        Assert.Equal(700_000, large.Sum(file => file.Statistics!.Rows));
        await using var session = await bed.Engine.OpenAsync(Token);
        await session.MountAsync("facts", SqlBed.Snapshot(columns, large) with { PartitionColumns = ["p"] }, new MountOptions { Instants = true }, Token);
        const string sum = "SELECT count(*), sum(hash(x)::HUGEINT) FROM";
        Assert.Equal(await SqlBed.RowsAsync(session, $"{sum} ({select}) x"), await SqlBed.RowsAsync(session, $"{sum} facts x"));
        foreach (var file in large)
            Assert.Equal(file.Statistics!.NullCount.Keys.Order(), new[] { "id", "n", "t", "v" });
    }

    [Fact]
    public async Task Folders_are_named_as_Hive_does_and_no_name_is_too_long()
    {
        await using var bed = new SqlBed();
        var (_, files) = await bed.WriteAsync("SELECT 1 AS id, 'a/b c' AS p, NULL::INTEGER AS q", new ParquetOptions { PartitionBy = ["p", "q"] });

        Assert.StartsWith("p=a%252Fb%20c/q=__HIVE_DEFAULT_PARTITION__/t-", files[0].Path, StringComparison.Ordinal);
        var folders = new[] { new string('漢', 500), new string('漢', 501) }.Select(text => PartitionValues.FolderOf([("p", text), ("q", null)])).ToList();
        Assert.Equal(2, folders.Distinct().Count());
        Assert.All(folders, folder => Assert.All(folder.Split('/'), name => Assert.InRange(Encoding.UTF8.GetByteCount(name), 1, 200)));
    }

    [Fact]
    public async Task A_merge_finds_rows_by_a_partition_column_moves_them_and_keeps_the_rest()
    {
        await using var bed = new SqlBed();
        var (columns, files) = await bed.WriteAsync("SELECT range AS id, 'p' || range % 3 AS p, 0 AS v FROM range(30)", new ParquetOptions { PartitionBy = ["p"] });
        var target = SqlBed.Snapshot(columns, files) with { PartitionColumns = ["p"] };

        // By (id, p), p1 is another row than p0: it comes beside it.
        var (_, beside) = await bed.WriteAsync("SELECT * FROM (VALUES (0::BIGINT, 'p1', 7), (3::BIGINT, 'p0', 8)) AS v(id, p, v)", new ParquetOptions { PartitionBy = ["p"] });
        var both = await bed.Merge.MergeAsync(SqlBed.Table, target, columns, beside, [], ["id", "p"], null, ["p"], keysDiffer: false, "m", Token);
        Assert.Equal((1L, 1L), (both.Inserted, both.Updated));
        Assert.Single(both.Remove);

        // By id alone, the row moves to the partition of its new value; flat files of new rows are divided.
        var (_, flat) = await bed.WriteAsync("SELECT 0::BIGINT AS id, 'new' AS p, 9 AS v");
        var moved = await bed.Merge.MergeAsync(SqlBed.Table, target, columns, flat, [], ["id"], null, ["p"], keysDiffer: false, "m", Token);
        Assert.Equal((0L, 1L), (moved.Inserted, moved.Updated));
        await using var session = await bed.Engine.OpenAsync(Token);
        var after = target with { Files = [.. files.Where(file => !moved.Remove.Contains(file.Path)), .. moved.Add] };
        await session.MountAsync("facts", after, options: null, Token);
        Assert.Equal(["new|1|9", "p0|9|0", "p1|10|0", "p2|10|0"], await SqlBed.RowsAsync(session, "SELECT p, count(*), sum(v) FROM facts GROUP BY p ORDER BY p"));
        Assert.All(moved.Add, file => Assert.Single(file.PartitionValues));
    }

    [Fact]
    public async Task Optimize_delete_update_and_restore_keep_to_the_partitions()
    {
        await using var bed = new MaintenanceBed();
        for (var i = 0; i < 3; i++)
        {
            var (columns, files) = await bed.Sql.WriteAsync(
                string.Create(CultureInfo.InvariantCulture, $"SELECT range AS id, range % 2 AS p, 'v' AS v FROM range({i * 10}, {(i + 1) * 10})"), new ParquetOptions { PartitionBy = ["p"] });
            await bed.Table.CommitAsync(new TableChange { Operation = "WRITE", Columns = columns, Add = files, PartitionColumns = ["p"] }, Token);
        }

        var rows = await bed.RowsAsync();
        Assert.Equal(2, (await bed.CompactAsync("op")).FilesAdded);
        Assert.Equal(rows, await bed.RowsAsync());
        await bed.RowChanges().RunAsync(SqlBed.Table, new RowChange("id = 3", null), "delete", -1, dryRun: false, Token);
        var updated = await bed.RowChanges().RunAsync(SqlBed.Table, new RowChange("p = 0", new Dictionary<string, string> { ["v"] = "'w'" }), "update", -1, dryRun: false, Token);

        Assert.Equal((15L, 1), (updated.Rows, updated.FilesRead));
        var snapshot = (await bed.Process().Get(SqlBed.Table).TryGetSnapshotAsync(null, Token))!;
        Assert.Equal(["p"], snapshot.PartitionColumns);
        Assert.All(snapshot.Files, file => Assert.StartsWith($"p={file.PartitionValues["p"]}/", file.Path, StringComparison.Ordinal));
        Assert.Equal(rows, await bed.RowsAsync(version: 3));
        await using var session = await bed.Sql.Engine.OpenAsync(Token);
        await session.MountAsync("t", snapshot, options: null, Token);
        Assert.Equal(["0|15|w", "1|14|v"], await SqlBed.RowsAsync(session, "SELECT p, count(*), any_value(v) FROM t GROUP BY p ORDER BY p"));

        await bed.Restore().RunAsync(SqlBed.Table, 3, "back", snapshot.Version, dryRun: false, Token);
        Assert.Equal(rows, await bed.RowsAsync());
        Assert.Equal(["p"], (await bed.Process().Get(SqlBed.Table).TryGetSnapshotAsync(null, Token))!.PartitionColumns);
    }

    [Fact]
    public async Task Only_a_replacement_changes_what_a_table_is_divided_by_and_a_restore_puts_it_back()
    {
        await using var bed = new MaintenanceBed();
        var (columns, divided) = await bed.Sql.WriteAsync("SELECT 1 AS id, 2 AS p", new ParquetOptions { PartitionBy = ["p"] });
        var (_, flat) = await bed.Sql.WriteAsync("SELECT 3 AS id, 4 AS p");
        await bed.Table.CommitAsync(new TableChange { Operation = "WRITE", Columns = columns, Add = divided, PartitionColumns = ["p"] }, Token);
        var change = new TableChange { Operation = "WRITE", Columns = columns, Add = flat, PartitionColumns = [] };

        await Assert.ThrowsAsync<CommitConflictException>(() => bed.Table.CommitAsync(change, Token));
        await bed.Table.CommitAsync(change with { RemoveAll = true }, Token);

        Assert.Empty((await bed.Process().Get(SqlBed.Table).TryGetSnapshotAsync(null, Token))!.PartitionColumns);
        Assert.Equal(["p"], (await bed.Process().Get(SqlBed.Table).TryGetSnapshotAsync(0, Token))!.PartitionColumns);

        await bed.Restore().RunAsync(SqlBed.Table, 0, "back", 1, dryRun: false, Token);
        var restored = (await bed.Process().Get(SqlBed.Table).TryGetSnapshotAsync(null, Token))!;
        Assert.Equal(["p"], restored.PartitionColumns);
        Assert.Equal("2", Assert.Single(restored.Files).PartitionValues["p"]);
    }

    private static string Row(Random random)
    {
        return string.Join(", ", All.Select(column => random.Next(8) == 0 ? "NULL" : column.Type switch
        {
            "VARCHAR" => Texts[random.Next(Texts.Length)] is { } text ? SqlText.Literal(text) : "NULL",
            "DATE" => SqlText.Literal(Pick("0001-01-01", "9999-12-31", "1969-12-31", "2024-02-29")),
            "DECIMAL(20,4)" => SqlText.Literal(Pick("0", "-0.0001", "9999999999999999.9999", "1.5")),
            "TIMESTAMPTZ" => SqlText.Literal(Pick("0001-01-01 00:00:00+00", "9999-12-31 23:59:59.999999+00", "1969-12-31 23:59:59.5+00", "2024-03-31 02:30:00+02")),
            "BOOLEAN" => Pick("true", "false"),
            _ => Pick("0", "-1", "2147483647", "-2147483648"),
        }));

        string Pick(params string[] values) => values[random.Next(values.Length)];
    }
}
