using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Platform.Tests.Sql;
using DataPlatform.Sql;
using DataPlatform.Tables;

namespace DataPlatform.Platform.Tests.Aggregation;

public sealed class MartMeasureTests : IAsyncLifetime
{
    private const string Facts =
        "SELECT TIMESTAMP '2001-01-01' + to_hours(range::INTEGER) AS date, (range % 61 - 20)::INTEGER AS delay, range % 700 AS tail, range % 3 AS origin FROM range(5000)";

    private const string Definition =
        """
        "source": "facts", "filter": "delay <> 7",
        "dimensions": [ {"name": "month", "sql": "date", "grain": "month"}, {"name": "origin"} ],
        "measures": [ {"name": "flights", "type": "count"}, {"name": "late", "type": "count", "filter": "delay > 15"},
            {"name": "late_share", "type": "ratio", "numerator": "late", "denominator": "flights"}, {"name": "avg_delay", "type": "avg", "sql": "delay"},
            {"name": "tails", "type": "approx_count_distinct", "sql": "tail"}, {"name": "exact", "type": "count_distinct", "sql": "tail"},
            {"name": "p90", "type": "quantile", "sql": "delay", "q": 0.9} ]
        """;

    private MartBed _bed = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        _bed = new MartBed();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Fact]
    public async Task Measures_are_computed_and_coarser_groups_come_from_their_parts()
    {
        await _bed.WriteAsync(Facts);
        var version = await _bed.DefineAsync(Definition);
        await _bed.RefreshAsync(version, "r1/refresh");

        var (mart, direct) = await _bed.RowsAsync(
            """
            SELECT CAST(date_trunc('month', date) AS DATE), origin, count(*), count(*) FILTER (WHERE delay > 15), count(*) FILTER (WHERE delay > 15) / count(*), avg(delay),
                count(DISTINCT tail), count(DISTINCT tail), quantile_cont(delay::DOUBLE, 0.9) FROM facts WHERE delay <> 7 GROUP BY 1, 2 ORDER BY 1, 2
            """);
        Assert.Equal(Without(direct, 6), Without(mart, 6));
        Assert.All(mart, row => Assert.InRange(Number(row, 6) / Number(row, 7), 0.95, 1.05));

        var definition = (await _bed.Catalog.GetAsync<MartDefinition>(MartBed.Mart, version, Token)).Definition;
        var measures = ((string[])["flights", "late", "late_share", "avg_delay", "tails"]).Select(measure => MeasureStorage.Aggregate(definition, measure));
        var snapshot = await _bed.MartTable.TryGetSnapshotAsync(version: null, Token);
        await using var session = await _bed.Sql.Engine.OpenAsync(Token);
        await session.MountAsync("mart", snapshot!, new MountOptions { SystemColumns = true }, Token);
        await session.MountAsync("facts", (await _bed.Tables.Get(SqlBed.Table).TryGetSnapshotAsync(version: null, Token))!, options: null, Token);
        var coarse = await SqlBed.RowsAsync(session, $"SELECT {string.Join(", ", measures)} FROM mart");
        var all = await SqlBed.RowsAsync(
            session,
            $"""
            SELECT count(*), count(*) FILTER (WHERE delay > 15), count(*) FILTER (WHERE delay > 15) / count(*), sum(delay) / count(delay),
                {SketchSql.Estimate(SketchSql.Build("tail"))} FROM facts WHERE delay <> 7
            """);
        Assert.Equal(all, coarse);
    }

    [Fact]
    public async Task What_cannot_be_aggregated_further_is_refused_with_the_fix()
    {
        var version = await _bed.DefineAsync(Definition);
        var definition = (await _bed.Catalog.GetAsync<MartDefinition>(MartBed.Mart, version, Token)).Definition;

        foreach (var measure in (string[])["exact", "p90"])
        {
            var failure = Assert.Throws<TerminalException>(() => MeasureStorage.Aggregate(definition, measure));
            Assert.Equal((FailureKind.Invalid, "NotAdditive", measure), (failure.Kind, failure.Code, failure.Target));
            Assert.False(MeasureStorage.IsAdditive(definition, measure));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(10)]
    [InlineData(1000)]
    [InlineData(20000)]
    [InlineData(200000)]
    public async Task Estimates_are_near_and_sketches_merge_to_the_sketch_of_all(int count)
    {
        await using var session = await _bed.Sql.Engine.OpenAsync(Token);
        var rows = await SqlBed.RowsAsync(
            session,
            $"""
            WITH parts AS (SELECT range % 3 AS part, {SketchSql.Build("'v' || range")} AS sketch FROM range({count}) GROUP BY 1)
            SELECT (SELECT {SketchSql.Estimate(SketchSql.Merge("sketch"))} FROM parts),
                (SELECT {SketchSql.Merge("sketch")} FROM parts) = (SELECT {SketchSql.Build("'v' || range")} FROM range({count}))
            """);
        var parts = rows[0].Split('|');
        Assert.InRange(double.Parse(parts[0], System.Globalization.CultureInfo.InvariantCulture), count * 0.95, count * 1.05);
        Assert.Equal("true", parts[1], ignoreCase: true);
    }

    private static double Number(string row, int column) => double.Parse(row.Split('|')[column], System.Globalization.CultureInfo.InvariantCulture);

    private static IEnumerable<string> Without(IEnumerable<string> rows, int column) =>
        rows.Select(row => string.Join('|', row.Split('|').Where((_, i) => i != column)));
}
