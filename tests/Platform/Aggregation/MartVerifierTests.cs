using DataPlatform.Aggregation;
using DataPlatform.Failures;
using DataPlatform.Operations;

namespace DataPlatform.Platform.Tests.Aggregation;

public sealed class MartVerifierTests : IAsyncLifetime
{
    private const string Rows = "SELECT DATE '2001-01-01' + (range % 10)::INTEGER AS day, 'A' || (range % 3) AS origin, (range % 7) / 3.0::DOUBLE AS delay FROM range(600)";

    private const string Definition =
        """
        "source": "facts", "partitionBy": ["day"], "dimensions": [ {"name": "day"}, {"name": "origin"} ],
        "measures": [ {"name": "n", "type": "count"}, {"name": "delay", "type": "avg", "sql": "delay"}, {"name": "seen", "type": "approx_count_distinct", "sql": "delay"} ]
        """;

    private readonly MartBed _bed = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await _bed.WriteAsync(Rows);

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Fact]
    public async Task A_mart_equals_the_recomputation_from_the_version_that_it_holds()
    {
        await _bed.RefreshAsync(await _bed.DefineAsync(Definition), "r1/refresh");
        await _bed.WriteAsync(Rows, append: true);

        var found = await _bed.Verifier.VerifyAsync(MartBed.Mart, Token);

        Assert.Equal((true, 0L, 30L, 30L), (found.Equal, found.SourceVersion, found.Rows, found.RowsComputed));
        Assert.Empty(found.Partitions);
    }

    [Theory]
    [InlineData("SELECT * FROM mart WHERE NOT (day = DATE '2001-01-04' AND origin = 'A1')", 1, "2001-01-04")]
    [InlineData("SELECT * REPLACE (CASE WHEN day < DATE '2001-01-03' THEN n + 1 ELSE n END AS n) FROM mart", 6, "2001-01-01 2001-01-02")]
    [InlineData("SELECT * REPLACE (CASE WHEN day = DATE '2001-01-09' THEN delay * 1.00000001 ELSE delay * 1.00000000000000001 END AS delay) FROM mart", 3, "2001-01-09")]
    [InlineData("SELECT * REPLACE (CASE WHEN day = DATE '2001-01-05' THEN NULL ELSE delay END AS delay) FROM mart", 3, "2001-01-05")]
    [InlineData("SELECT * REPLACE (CASE WHEN day = DATE '2001-01-06' THEN ''::BLOB ELSE _seen_sketch END AS _seen_sketch) FROM mart", 3, "2001-01-06")]
    [InlineData("SELECT * FROM mart UNION ALL SELECT * FROM mart WHERE day = DATE '2001-01-07'", 3, "2001-01-07")]
    [InlineData("SELECT * FROM mart UNION ALL SELECT * REPLACE (NULL AS day) FROM mart WHERE day = DATE '2001-01-07' AND origin = 'A0'", 1, "")]
    public async Task What_differs_is_told_by_partition(string tampered, int rows, string partitions)
    {
        await _bed.RefreshAsync(await _bed.DefineAsync(Definition), "r1/refresh");
        await _bed.RewriteMartAsync(tampered);

        var found = await _bed.Verifier.VerifyAsync(MartBed.Mart, Token);

        Assert.Equal((false, (long)rows), (found.Equal, found.RowsDiffering));
        Assert.Equal(partitions, string.Join(' ', found.Partitions.Select(partition => partition["day"])));
    }

    [Fact]
    public async Task Partitions_that_are_asked_for_mend_what_was_wrong()
    {
        var version = await _bed.DefineAsync(Definition);
        await _bed.RefreshAsync(version, "r1/refresh");
        await _bed.RewriteMartAsync("SELECT * REPLACE (CASE WHEN day = DATE '2001-01-02' THEN n + 1 ELSE n END AS n) FROM mart WHERE day <> DATE '2001-01-05'");
        var wish = new RefreshWish { Partitions = [.. (await _bed.Verifier.VerifyAsync(MartBed.Mart, Token)).Partitions] };

        var plan = await _bed.Refresher.PlanAsync(MartBed.Mart, version, wish, Token);
        var result = await _bed.Refresher.ComputeAsync(plan, "r2/refresh", Token);
        var again = await _bed.OtherInstance().ComputeAsync(plan, "r2/refresh", Token);

        Assert.Equal((RefreshExtent.Partitions, 2L), (result.Outcome!.Extent, result.Outcome.Partitions));
        Assert.Equal(result, again);
        Assert.True((await _bed.Verifier.VerifyAsync(MartBed.Mart, Token)).Equal);
    }

    [Fact]
    public async Task A_wish_by_a_plan_that_was_overtaken_takes_nothing_back()
    {
        var version = await _bed.DefineAsync(Definition);
        await _bed.RefreshAsync(version, "r1/refresh");
        var plan = await _bed.Refresher.PlanAsync(MartBed.Mart, version, new RefreshWish { All = true }, Token);
        await _bed.WriteAsync(Rows, append: true);
        await _bed.RefreshAsync(version, "r2/refresh");

        Assert.Equal("RefreshOvertaken", (await Assert.ThrowsAsync<TerminalException>(() => _bed.Refresher.ComputeAsync(plan, "r3/refresh", Token))).Code);
    }

    [Fact]
    public async Task Without_data_there_is_nothing_to_verify()
    {
        await _bed.DefineAsync(Definition);

        Assert.Equal("MartHasNoData", (await Assert.ThrowsAsync<TerminalException>(() => _bed.Verifier.VerifyAsync(MartBed.Mart, Token))).Code);
    }
}
