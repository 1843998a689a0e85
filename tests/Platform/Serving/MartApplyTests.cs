using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Platform.Tests.Aggregation;
using DataPlatform.Platform.Tests.Tables;
using DataPlatform.Serving;
using DataPlatform.Serving.Queries;
using DataPlatform.Serving.TableReading;
using DataPlatform.Tables;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace DataPlatform.Platform.Tests.Serving;

/// <summary>Measures of coarser groups, from a mart's rows, against straight SQL over its source.</summary>
public sealed class MartApplyTests : IAsyncLifetime
{
    private const string Facts =
        """
        SELECT TIMESTAMP '2001-01-01' + to_hours(range::INTEGER) AS date, CASE WHEN range % 11 = 0 THEN NULL ELSE (range % 61 - 20)::INTEGER END AS delay, range % 700 AS tail,
            CASE WHEN range % 13 = 0 THEN NULL ELSE 'o' || (range % 3) END AS origin, (range % 90)::DECIMAL(8,2) AS fee FROM range(5000)
        """;

    private const string Definition =
        """
        "source": "facts",
        "dimensions": [ {"name": "day", "sql": "date", "grain": "day"}, {"name": "origin"} ],
        "measures": [ {"name": "flights", "type": "count"}, {"name": "late", "type": "count", "filter": "delay > 15"}, {"name": "fees", "type": "sum", "sql": "fee"},
            {"name": "worst", "type": "max", "sql": "delay"}, {"name": "best", "type": "min", "sql": "delay"},
            {"name": "late_share", "type": "ratio", "numerator": "late", "denominator": "flights"}, {"name": "avg_delay", "type": "avg", "sql": "delay"},
            {"name": "tails", "type": "approx_count_distinct", "sql": "tail"}, {"name": "exact", "type": "count_distinct", "sql": "tail"},
            {"name": "p90", "type": "quantile", "sql": "delay", "q": 0.9}, {"name": "per_exact", "type": "ratio", "numerator": "flights", "denominator": "exact"} ]
        """;

    private readonly MartBed _bed = new();
    private readonly StraightSql _sql = new("facts", Facts);
    private readonly FakeTimeProvider _clock = new(TimeProvider.System.GetUtcNow());
    private ServedTable _mart = null!;
    private TableReads _reads = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _bed.WriteAsync(Facts);
        await _bed.RefreshAsync(await _bed.DefineAsync(Definition), "r1/refresh");
        _mart = await new ServedTables(_bed.Catalog, new TableCatalog(_bed.Catalog)).MartAsync(MartBed.Mart, Token);
        _reads = new TableReads(new TableVersions(_bed.Tables, Options.Create(new PlatformOptions())), _bed.Sql.Engine);
    }

    public ValueTask DisposeAsync()
    {
        _sql.Dispose();
        return _bed.DisposeAsync();
    }

    [Theory]
    [InlineData(
        "groupby((origin),aggregate(flights,late,fees,worst,best,late_share,avg_delay))",
        "SELECT origin, count(*), count(*) FILTER (WHERE delay > 15), sum(fee), max(delay), min(delay), count(*) FILTER (WHERE delay > 15) / count(*), sum(delay) / count(delay) FROM facts GROUP BY 1 ORDER BY 1 NULLS FIRST")]
    [InlineData(
        "compute(month(day) as month)/groupby((month),aggregate(avg_delay as mean,late_share))",
        "SELECT month(date), sum(delay) / count(delay), count(*) FILTER (WHERE delay > 15) / count(*) FROM facts GROUP BY 1 ORDER BY 1")]
    [InlineData("filter(origin eq 'o1')/aggregate(avg_delay,flights)", "SELECT sum(delay) / count(delay), count(*) FROM facts WHERE origin = 'o1'")]
    [InlineData("filter(day lt 1999-01-01)/aggregate(avg_delay,flights,fees,late_share)", "SELECT NULL, 0, NULL, NULL")]
    [InlineData("aggregate(flights with sum as all,flights with max as most,avg_delay with max as worst_mean)", "SELECT 5000, max(c), max(a) FROM (SELECT count(*) AS c, sum(delay) / count(delay) AS a FROM facts GROUP BY CAST(date AS DATE), origin)")]
    [InlineData("groupby((day,origin),aggregate(exact,p90))/filter(day eq 2001-01-02 and origin eq 'o1')", "SELECT CAST(date AS DATE), origin, count(DISTINCT tail), quantile_cont(delay::DOUBLE, 0.9) FROM facts WHERE CAST(date AS DATE) = DATE '2001-01-02' AND origin = 'o1' GROUP BY 1, 2")]
    [InlineData("groupby((origin),aggregate(flights))/aggregate(flights with max as most)", "SELECT max(c) FROM (SELECT count(*) AS c FROM facts GROUP BY origin)")]
    public async Task Measures_by_name_equal_straight_sql_over_the_source(string apply, string sql) => Assert.Equal(_sql.Rows(sql), await RowsAsync(apply));

    [Fact]
    public async Task Distinct_values_are_estimated_over_any_groups()
    {
        var exact = _sql.Rows("SELECT count(DISTINCT tail) FROM facts GROUP BY origin ORDER BY origin NULLS FIRST").Select(double.Parse).ToList();
        var estimates = (await RowsAsync("groupby((origin),aggregate(tails))")).Select(row => double.Parse(row.Split('|')[1])).ToList();

        Assert.Equal(exact.Count, estimates.Count);
        Assert.All(exact.Zip(estimates), pair => Assert.InRange(pair.Second / pair.First, 0.93, 1.07));
    }

    [Theory]
    [InlineData("aggregate(exact)", "exact")]
    [InlineData("groupby((origin),aggregate(p90))", "p90")]
    [InlineData("groupby((day),aggregate(per_exact))", "per_exact")]
    [InlineData("aggregate(avg_delay with average as a)", "avg_delay")]
    [InlineData("aggregate(tails with sum as t)", "tails")]
    [InlineData("aggregate(late_share with sum as t)", "late_share")]
    public async Task What_finer_rows_do_not_tell_is_refused(string apply, string measure)
    {
        var failure = await Assert.ThrowsAsync<TerminalException>(() => RowsAsync(apply));
        Assert.Equal((FailureKind.Invalid, "NotAdditive", measure), (failure.Kind, failure.Code, failure.Target));
    }

    [Theory]
    [InlineData("aggregate(flihgts)", "Did you mean 'flights'?")]
    [InlineData("aggregate(_avg_delay_sum with sum as s)", "_avg_delay_sum")]
    [InlineData("aggregate(_avg_delay_sum)", "needs a name")]
    [InlineData("groupby((_tails_sketch))", "no column '_tails_sketch'")]
    [InlineData("groupby((origin))/aggregate(flights)", "needs a name")]
    public async Task Names_that_are_not_there_are_told(string apply, string words) =>
        Assert.Contains(words, (await Assert.ThrowsAsync<TerminalException>(() => RowsAsync(apply))).Message, StringComparison.Ordinal);

    [Fact]
    public async Task A_mart_without_the_parts_is_to_be_refreshed()
    {
        await _bed.RewriteMartAsync("SELECT * EXCLUDE (_avg_delay_sum, late) FROM mart");

        foreach (var measure in (string[])["avg_delay", "late", "late_share"])
        {
            var failure = await Assert.ThrowsAsync<TerminalException>(() => RowsAsync($"aggregate({measure})"));
            Assert.Equal((FailureKind.Conflict, "MartOutdated"), (failure.Kind, failure.Code));
            Assert.Contains("POST /api/v1/marts/sums/refreshes", failure.Message, StringComparison.Ordinal);
        }

        Assert.Equal(["5000"], await RowsAsync("aggregate(flights)"));
    }

    [Fact]
    public async Task Marts_tell_when_they_are_older_than_they_may_be()
    {
        Assert.False((await GetAsync("")).Response.Headers.ContainsKey("Data-Stale"));

        _mart = _mart with { Mart = _mart.Mart! with { Freshness = "PT1H" } };
        Assert.Equal("false", (await GetAsync("")).Response.Headers["Data-Stale"]);
        await _bed.WriteAsync(Facts, append: true);
        _clock.Advance(TimeSpan.FromMinutes(50));
        Assert.Equal("false", (await GetAsync("")).Response.Headers["Data-Stale"]);
        _clock.Advance(TimeSpan.FromMinutes(20));
        Assert.Equal("true", (await GetAsync("")).Response.Headers["Data-Stale"]);
        await _bed.RefreshAsync(1, "r2/refresh");
        Assert.Equal("false", (await GetAsync("")).Response.Headers["Data-Stale"]);
    }

    [Fact]
    public async Task What_a_source_keeps_waiting_is_told_of_each_version_of_a_mart_and_asked_again_after_a_failure()
    {
        var store = new LosingObjectStore(_bed.Sql.Objects);
        var freshness = new MartFreshness(
            new DeltaTables(store, _clock, NullLoggerFactory.Instance), new TableCatalog(_bed.Catalog), Options.Create(new PlatformOptions { VersionMaxAge = TimeSpan.FromDays(1) }), _clock);
        _mart = _mart with { Mart = _mart.Mart! with { Freshness = "PT1H" } };
        var before = await PinnedAsync();
        await AppendAsync();
        await _bed.RefreshAsync(1, "r2/refresh");
        _clock.Advance(TimeSpan.FromMinutes(50));
        await AppendAsync();
        var after = await PinnedAsync();
        _clock.Advance(TimeSpan.FromMinutes(20));

        store.FailingReads = 1;
        await Assert.ThrowsAsync<TransientException>(() => freshness.IsStaleAsync(before, Token));

        Assert.Equal([true, false, true], [await freshness.IsStaleAsync(before, Token), await freshness.IsStaleAsync(after, Token), await freshness.IsStaleAsync(before, Token)]);

        async Task AppendAsync()
        {
            var (columns, files) = await _bed.Sql.WriteAsync(Facts);
            await new DeltaTables(_bed.Sql.Objects, _clock, NullLoggerFactory.Instance).Get(Sql.SqlBed.Table).CommitAsync(
                new TableChange { Operation = "WRITE", Columns = columns, Add = files }, Token);
        }

        async Task<PinnedTable> PinnedAsync() => new(_mart, (await _bed.MartTable.TryGetSnapshotAsync(version: null, Token))!);
    }

    private async Task<List<string>> RowsAsync(string apply) => StraightSql.Values(ServingBed.Json(await GetAsync(apply)));

    private async Task<Microsoft.AspNetCore.Http.DefaultHttpContext> GetAsync(string apply)
    {
        var options = Options.Create(new PlatformOptions { VersionMaxAge = TimeSpan.Zero });
        var freshness = new MartFreshness(_bed.Tables, new TableCatalog(_bed.Catalog), options, _clock);
        var door = new RowsDoor(_reads, new TableExports(_reads, _bed.Sql.Scratch, options), freshness, options, Microsoft.Extensions.Logging.Abstractions.NullLogger<RowsDoor>.Instance);
        var context = new Microsoft.AspNetCore.Http.DefaultHttpContext();
        if (apply.Length > 0)
            context.Request.QueryString = Microsoft.AspNetCore.Http.QueryString.Create("apply", apply);
        context.Response.Body = new MemoryStream();
        await door.AnswerAsync(context, _mart, Token);
        return context;
    }
}
