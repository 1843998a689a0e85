using DataPlatform.Failures;
using DataPlatform.Sql;

namespace DataPlatform.Platform.Tests.Sql;

public sealed class ParquetStageTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("true", "boolean", "true", null, null)]
    [InlineData("1::TINYINT", "integer", "1", "1", "1")]
    [InlineData("2::USMALLINT", "integer", "2", "2", "2")]
    [InlineData("3", "integer", "3", "3", "3")]
    [InlineData("4::UINTEGER", "long", "4", "4", "4")]
    [InlineData("-9223372036854775808", "long", "-9223372036854775808", "-9223372036854775808", "-9223372036854775808")]
    [InlineData("18446744073709551615::UBIGINT", "decimal(20,0)", "18446744073709551615", "18446744073709551615", "18446744073709551615")]
    [InlineData("sum(7)", "decimal(38,0)", "7", "7", "7")]
    [InlineData("0.5::FLOAT", "double", "0.5", "0.5", "0.5")]
    [InlineData("1e300", "double", "1e+300", "1e+300", "1e+300")]
    [InlineData("'nan'::DOUBLE", "double", "nan", null, null)]
    [InlineData("12.30::DECIMAL(10,2)", "decimal(10,2)", "12.30", "12.30", "12.30")]
    [InlineData("'it''s \"x\" é'", "string", "it's \"x\" é", "\"it\\u0027s \\u0022x\\u0022 \\u00E9\"", "\"it\\u0027s \\u0022x\\u0022 \\u00E9\"")]
    [InlineData("'6f9619ff-8b86-d011-b42d-00c04fc964ff'::UUID", "string", "6f9619ff-8b86-d011-b42d-00c04fc964ff",
        "\"6f9619ff-8b86-d011-b42d-00c04fc964ff\"", "\"6f9619ff-8b86-d011-b42d-00c04fc964ff\"")]
    [InlineData("'ab'::BLOB", "binary", "ab", null, null)]
    [InlineData("DATE '2001-01-13'", "date", "2001-01-13", "\"2001-01-13\"", "\"2001-01-13\"")]
    [InlineData("TIMESTAMP '2001-01-13 01:02:03.123456'", "timestamp", "2001-01-13 01:02:03.123456",
        "\"2001-01-13T01:02:03.123Z\"", "\"2001-01-13T01:02:03.124Z\"")]
    [InlineData("TIMESTAMPTZ '2001-01-13 01:02:03+02'", "timestamp", "2001-01-12 23:02:03",
        "\"2001-01-12T23:02:03.000Z\"", "\"2001-01-12T23:02:03.000Z\"")]
    [InlineData("TIMESTAMP '1969-12-31 23:59:59.9999'", "timestamp", "1969-12-31 23:59:59.9999",
        "\"1969-12-31T23:59:59.999Z\"", "\"1970-01-01T00:00:00.000Z\"")]
    [InlineData("NULL", "integer", "NULL", null, null)]
    public async Task A_value_comes_back_from_its_Delta_type_and_shows_in_the_statistics(
        string sql, string type, string text, string? minimum, string? maximum)
    {
        await using var bed = new SqlBed();

        var (columns, files) = await bed.WriteAsync($"SELECT {sql} AS v");

        Assert.Equal(type, Assert.Single(columns).Type);
        var statistics = Assert.Single(files).Statistics!;
        Assert.Equal(1, statistics.Rows);
        Assert.Equal(sql == "NULL" ? 1 : 0, statistics.NullCount["v"]);
        Assert.Equal(minimum, statistics.Minimum.TryGetValue("v", out var low) ? low.GetRawText() : null);
        Assert.Equal(maximum, statistics.Maximum.TryGetValue("v", out var high) ? high.GetRawText() : null);

        await using var session = await bed.Engine.OpenAsync(Token);
        await session.MountAsync("facts", SqlBed.Snapshot(columns, files), options: null, Token);
        Assert.Equal([text], await SqlBed.RowsAsync(session, "SELECT * FROM facts"));
    }

    [Theory]
    [InlineData("[1, 2]", "INTEGER[]")]
    [InlineData("{'a': 1}", "STRUCT(a INTEGER)")]
    [InlineData("INTERVAL 1 DAY", "INTERVAL")]
    [InlineData("TIME '01:02:03'", "TIME")]
    public async Task A_type_that_Delta_lacks_is_refused_by_column_with_a_cast_to_use(string sql, string type)
    {
        await using var bed = new SqlBed();

        var error = await Assert.ThrowsAsync<TerminalException>(() => bed.WriteAsync($"SELECT 1 AS ok, {sql} AS odd"));

        Assert.Equal("UnsupportedType", error.Code);
        Assert.Equal("odd", error.Target);
        Assert.Contains(type, error.Message, StringComparison.Ordinal);
        Assert.Contains("CAST(\"odd\" AS VARCHAR)", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("SELECT 1 AS a, 2 AS A", "A")]
    [InlineData("SELECT 1 AS \"two words\"", "two words")]
    [InlineData("SELECT count(*)", "count_star()")]
    public async Task A_column_name_that_tables_cannot_have_is_refused(string sql, string column)
    {
        await using var bed = new SqlBed();

        var error = await Assert.ThrowsAsync<TerminalException>(() => bed.WriteAsync(sql));

        Assert.Equal("InvalidColumn", error.Code);
        Assert.Equal(column, error.Target);
    }

    [Fact]
    public async Task Long_texts_are_cut_in_the_statistics_and_still_bounded()
    {
        await using var bed = new SqlBed();

        var (_, files) = await bed.WriteAsync("SELECT repeat('é', 100) AS v");

        var statistics = files[0].Statistics!;
        if (statistics.Maximum.TryGetValue("v", out var maximum))
            Assert.True(string.CompareOrdinal(maximum.GetString(), new string('é', 100)) > 0);
        if (statistics.Minimum.TryGetValue("v", out var minimum))
            Assert.True(string.CompareOrdinal(minimum.GetString(), new string('é', 100)) <= 0);
    }

    [Theory]
    [InlineData("repeat('a', 64) || chr(1114111) || 'z'")]
    [InlineData("repeat('a', 63) || chr(1114111) || chr(1114111)")]
    [InlineData("repeat('a', 63) || chr(128512) || 'z'")]
    public async Task The_bound_of_a_long_text_is_above_it_or_left_out(string text)
    {
        await using var bed = new SqlBed();

        var (_, files) = await bed.WriteAsync($"SELECT {text} AS v");

        await using var session = await bed.Engine.OpenAsync(TestContext.Current.CancellationToken);
        var above = await session.ReadAsync(
            $"SELECT {text} <= $1", [files[0].Statistics!.Maximum.TryGetValue("v", out var maximum) ? maximum.GetString() : null],
            reader => reader.IsDBNull(0) || reader.GetBoolean(0), TestContext.Current.CancellationToken);
        Assert.True(above[0]);
    }

    [Fact]
    public async Task A_result_waits_for_its_turn_to_be_written_and_gives_it_back_when_it_fails()
    {
        await using var bed = new SqlBed();
        await using var session = await bed.Engine.OpenAsync(Token);
        var turns = session.Writers!;
        Assert.Equal(new PlatformOptions().SqlWriters, turns.CurrentCount);
        while (turns.CurrentCount > 0)
            await turns.WaitAsync(Token);

        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var write = bed.Stage.WriteAsync(session, "SELECT 1 AS id", options: null, waiting.Token);
        Assert.False(write.IsCompleted);
        await waiting.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => write);

        turns.Release();
        await Assert.ThrowsAsync<TerminalException>(() => bed.Stage.WriteAsync(session, "SELECT error('no') AS id", options: null, Token));
        Assert.Equal(1, turns.CurrentCount);
        using var written = await bed.Stage.WriteAsync(session, "SELECT 1 AS id", options: null, Token);
        Assert.Equal(1, written.Rows);
        Assert.Equal(1, turns.CurrentCount);
    }

    [Fact]
    public async Task A_large_result_becomes_several_files_and_an_empty_one_none()
    {
        await using var bed = new SqlBed();

        var (_, files) = await bed.WriteAsync(
            "SELECT range AS id, hash(range) AS h FROM range(1000000)", new ParquetOptions { FileBytes = 2 << 20, SortBy = ["id"] });
        var (columns, none) = await bed.WriteAsync("SELECT 1::BIGINT AS id WHERE false");

        Assert.True(files.Count > 2);
        Assert.Equal(1_000_000, files.Sum(file => file.Statistics!.Rows));
        Assert.Empty(none);
        Assert.Equal("long", Assert.Single(columns).Type);
        Assert.Empty(Directory.EnumerateFileSystemEntries(bed.Scratch.Folder("stage")));
    }
}
