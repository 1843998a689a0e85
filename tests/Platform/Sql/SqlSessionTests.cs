using DataPlatform.Failures;
using DataPlatform.Sql;
using DataPlatform.Tables;

namespace DataPlatform.Platform.Tests.Sql;

public sealed class SqlSessionTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Columns_that_older_files_lack_are_null_and_system_columns_are_hidden()
    {
        await using var bed = new SqlBed();
        var (_, old) = await bed.WriteAsync("SELECT 1 AS id, 'b' AS _batch");
        var (columns, young) = await bed.WriteAsync("SELECT 2 AS id, 'b' AS _batch, TIMESTAMP '2020-01-01' AS ts");
        var snapshot = SqlBed.Snapshot([.. columns, new TableColumn("later", "decimal(5,2)")], [.. old, .. young]);

        await using var session = await bed.Engine.OpenAsync(Token);
        await session.MountAsync("t", snapshot, options: null, Token);
        await session.MountAsync("raw", snapshot, new MountOptions { SystemColumns = true, Instants = true }, Token);

        Assert.Equal(["1|NULL|NULL", "2|2020-01-01 00:00:00|NULL"], await TextAsync(session, "SELECT * FROM t ORDER BY id"));
        Assert.Equal(
            [("id", "INTEGER"), ("ts", "TIMESTAMP"), ("later", "DECIMAL(5,2)")], await session.DescribeAsync("SELECT * FROM t", Token));
        Assert.Equal("TIMESTAMP WITH TIME ZONE", (await session.DescribeAsync("SELECT ts FROM raw", Token))[0].Type);
    }

    [Fact]
    public async Task A_table_without_files_is_empty_and_typed()
    {
        await using var bed = new SqlBed();
        await using var session = await bed.Engine.OpenAsync(Token);

        await session.MountAsync("t", SqlBed.Snapshot([new("id", "long"), new("ts", "timestamp")], []), options: null, Token);

        Assert.Empty(await TextAsync(session, "SELECT * FROM t"));
        Assert.Equal([("id", "BIGINT"), ("ts", "TIMESTAMP")], await session.DescribeAsync("SELECT * FROM t", Token));
    }

    [Fact]
    public async Task Sessions_do_not_see_each_others_tables_and_new_rows_have_a_schema_of_their_own()
    {
        await using var bed = new SqlBed();
        var (columns, all) = await bed.WriteAsync("SELECT range AS id FROM range(5)");
        var (_, some) = await bed.WriteAsync("SELECT range AS id FROM range(2)");
        await using var one = await bed.Engine.OpenAsync(Token);
        await using var other = await bed.Engine.OpenAsync(Token);

        await one.MountAsync("t", SqlBed.Snapshot(columns, all), options: null, Token);
        await one.MountAsync("t", SqlBed.Snapshot(columns, all), new MountOptions { IsNew = true, Files = some }, Token);

        Assert.Equal(["5|2"], await TextAsync(one, "SELECT (SELECT count(*) FROM t), (SELECT count(*) FROM new.t)"));
        await Assert.ThrowsAsync<TerminalException>(() => TextAsync(other, "SELECT * FROM t"));
    }

    [Fact]
    public async Task Values_are_bound()
    {
        await using var bed = new SqlBed();
        await using var session = await bed.Engine.OpenAsync(Token);

        var rows = await session.ReadAsync(
            "SELECT $1 || '!', $2 + 1, $3 IS NULL", ["'; DROP TABLE x", 41, null], r => (r.GetString(0), r.GetInt32(1), r.GetBoolean(2)), Token);

        Assert.Equal([("'; DROP TABLE x!", 42, true)], rows);
    }

    [Fact]
    public async Task A_cancelled_query_stops()
    {
        await using var bed = new SqlBed();
        await using var session = await bed.Engine.OpenAsync(Token);
        using var source = CancellationTokenSource.CreateLinkedTokenSource(Token);

        var query = session.ReadAsync(
            "SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE hash(a.range + b.range) = 1", [], r => r.GetInt64(0), source.Token);
        source.CancelAfter(TimeSpan.FromMilliseconds(50));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => query);
        Assert.Equal(["1"], await TextAsync(session, "SELECT 1"));
    }

    [Fact]
    public async Task Files_outside_our_folders_and_settings_are_out_of_reach()
    {
        await using var bed = new SqlBed();
        await using var session = await bed.Engine.OpenAsync(Token);

        foreach (var sql in (string[])[
            "SELECT * FROM read_text('/etc/passwd')", "SELECT * FROM '/etc/hostname'", "COPY (SELECT 1) TO '/tmp/dataplatform-leak.csv'",
            "SET memory_limit = '100GB'", "SET enable_external_access = true", "ATTACH '/tmp/dataplatform-leak.db'", "INSTALL httpfs",
        ])
            await Assert.ThrowsAnyAsync<Exception>(() => session.ExecuteAsync(sql, Token));
        Assert.False(File.Exists("/tmp/dataplatform-leak.csv"));
    }

    [Fact]
    public async Task Errors_tell_of_the_query_and_not_of_its_rows()
    {
        await using var bed = new SqlBed();
        await using var session = await bed.Engine.OpenAsync(Token);

        var unknown = await Assert.ThrowsAsync<TerminalException>(() => TextAsync(session, "SELECT nothing FROM (SELECT 1 AS a)"));
        var value = await Assert.ThrowsAsync<TerminalException>(() => TextAsync(session, "SELECT CAST(s AS INTEGER) FROM (SELECT 'secret' AS s)"));

        Assert.Equal("SqlError", unknown.Code);
        Assert.Contains("nothing", unknown.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", value.ToString(), StringComparison.Ordinal);
        Assert.Contains("convert", value.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Too_much_memory_is_an_error_and_not_the_end()
    {
        await using var bed = new SqlBed(memoryBytes: 64 << 20);
        await using var session = await bed.Engine.OpenAsync(Token);

        var error = await Assert.ThrowsAsync<TerminalException>(
            () => TextAsync(session, "SELECT len(list(repeat('x', 1000) || range)) FROM range(1000000)"));

        Assert.Equal("SqlOutOfMemory", error.Code);
        Assert.Equal(["1"], await TextAsync(session, "SELECT 1"));
    }

    private static Task<IReadOnlyList<string>> TextAsync(SqlSession session, string sql) => SqlBed.RowsAsync(session, sql);
}
