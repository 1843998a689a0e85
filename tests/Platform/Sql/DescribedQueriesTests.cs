using DataPlatform.Sql;
using DataPlatform.Tables;

namespace DataPlatform.Platform.Tests.Sql;

public sealed class DescribedQueriesTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_query_is_described_anew_when_what_it_reads_has_other_columns()
    {
        await using var bed = new SqlBed();
        var (integers, ofIntegers) = await bed.WriteAsync("SELECT 1::INTEGER AS v");
        var (texts, ofTexts) = await bed.WriteAsync("SELECT 'x' AS v");
        Assert.Equal("INTEGER", await TypeAsync(bed, SqlBed.Snapshot(integers, ofIntegers), "SELECT v FROM t"));
        Assert.Equal("VARCHAR", await TypeAsync(bed, SqlBed.Snapshot(texts, ofTexts), "SELECT v FROM t"));
        Assert.Equal("INTEGER", await TypeAsync(bed, SqlBed.Snapshot(integers, ofIntegers), "SELECT v FROM t"));
        Assert.Equal("BIGINT", await TypeAsync(bed, SqlBed.Snapshot(integers, ofIntegers), "SELECT count(v) AS v FROM t"));
    }

    [Fact]
    public async Task Names_that_a_session_made_by_itself_are_always_asked_for()
    {
        await using var bed = new SqlBed();
        foreach (var type in (string[])["INTEGER", "VARCHAR", "DATE"])
        {
            await using var session = await bed.Engine.OpenAsync(Token);
            await session.ExecuteAsync($"CREATE TABLE own AS SELECT CAST(NULL AS {type}) AS v", Token);
            Assert.Equal(type, (await session.DescribeAsync("SELECT v FROM own", Token))[0].Type);
        }
    }

    [Fact]
    public async Task Parameters_decide_types_too()
    {
        await using var bed = new SqlBed();
        await using var session = await bed.Engine.OpenAsync(Token);
        Assert.Equal("INTEGER", (await session.DescribeAsync("SELECT $1 AS v", [1], Token))[0].Type);
        Assert.Equal("VARCHAR", (await session.DescribeAsync("SELECT $1 AS v", ["a"], Token))[0].Type);
    }

    private static async Task<string> TypeAsync(SqlBed bed, Snapshot snapshot, string select)
    {
        await using var session = await bed.Engine.OpenAsync(Token);
        await session.MountAsync("t", snapshot, options: null, Token);
        return (await session.DescribeAsync(select, Token))[0].Type;
    }
}
