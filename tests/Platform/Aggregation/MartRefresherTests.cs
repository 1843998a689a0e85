using DataPlatform.Aggregation;
using DataPlatform.Failures;
using DataPlatform.Platform.Tests.Sql;
using DataPlatform.Tables;
using DataPlatform.Tables.Maintenance;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace DataPlatform.Platform.Tests.Aggregation;

public sealed class MartRefresherTests : IAsyncLifetime
{
    private const string Flights =
        """
        SELECT TIMESTAMP '2001-01-01' + to_minutes((range * 7)::INTEGER) AS date, (range % 61 - 20)::INTEGER AS delay,
            (range % 5000)::DECIMAL(10,2) / 4 AS price, CASE WHEN range % 9 > 0 THEN 'AP' || (range % 13) END AS origin, range / 3.0::DOUBLE AS ratio
        FROM range(5000)
        """;

    private const string Definition =
        """
        "source": "facts",
        "dimensions": [ {"name": "day", "sql": "CAST(date AS DATE)"}, {"name": "origin"} ],
        "measures": [ {"name": "flights", "type": "count"}, {"name": "priced", "type": "count", "sql": "price -- all\n"},
            {"name": "delay_sum", "type": "sum", "sql": "delay"}, {"name": "price_sum", "type": "sum", "sql": "price"},
            {"name": "delay_avg", "type": "avg", "sql": "delay"}, {"name": "ratio_sum", "type": "sum", "sql": "ratio"},
            {"name": "delays", "type": "count_distinct", "sql": "delay"}, {"name": "first", "type": "min", "sql": "date"},
            {"name": "last", "type": "max", "sql": "upper(origin)"} ]
        """;

    private MartBed _bed = null!;

    public ValueTask InitializeAsync()
    {
        _bed = new MartBed();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_mart_equals_the_same_aggregation_of_its_source_and_is_sorted()
    {
        await _bed.WriteAsync(Flights);
        var version = await _bed.DefineAsync(Definition);

        var result = await _bed.RefreshAsync(version, "r1/refresh");

        var (mart, direct) = await _bed.RowsAsync(
            """
            SELECT CAST(date AS DATE) AS day, origin, count(*), count(price), sum(delay)::DECIMAL(38,0), sum(price), avg(delay), fsum(ratio),
                count(DISTINCT delay), min(date), max(upper(origin))
            FROM facts GROUP BY 1, 2 ORDER BY 1, 2
            """);
        Assert.Equal(direct, mart);
        Assert.Equal(mart.Count, result.Rows);
        Assert.Equal(
            ["day date", "origin string", "flights long", "priced long", "delay_sum decimal(38,0)", "price_sum decimal(38,4)", "delay_avg double",
                "ratio_sum double", "delays long", "first timestamp", "last string", "_delay_avg_sum decimal(38,0)", "_delay_avg_count long"],
            (await SnapshotAsync()).Columns.Select(column => $"{column.Name} {column.Type}"),
            (expected, actual) => expected == actual || (expected.StartsWith("price_sum", StringComparison.Ordinal) && actual.StartsWith("price_sum ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_mart_that_is_put_back_to_before_its_source_was_made_anew_is_computed_whole()
    {
        await _bed.WriteAsync(Flights);
        var version = await _bed.DefineAsync(Definition + """, "partitionBy": ["day"]""");
        var first = await _bed.RefreshAsync(version, "r1/refresh");
        await _bed.ReplaceSourceAsync($"SELECT * FROM ({Flights}) WHERE delay > 0");
        var second = await _bed.RefreshAsync(version, "r2/refresh");
        var holds = new TableHolds(_bed.Sql.Store.Rows, [new HoldSource(new MartHolds(_bed.Catalog, _bed.Tables).FindAsync)], TimeProvider.System, Options.Create(new PlatformOptions()), NullLogger<TableHolds>.Instance);
        var restore = new TableRestore(_bed.Tables, _bed.Sql.Objects, holds, TimeProvider.System);
        await restore.RunAsync(_bed.MartTable.Name, first.MartVersion, "put-back", second.MartVersion, dryRun: false, Token);

        var source = _bed.Tables.Get(SqlBed.Table);
        Assert.Null(await holds.OldestHeldAsync(source, Token));
        await _bed.RefreshAsync(version, "r3/refresh");

        Assert.True((await _bed.Verifier.VerifyAsync(MartBed.Mart, Token)).Equal);
    }

    [Fact]
    public async Task Columns_keep_their_types_whatever_the_data()
    {
        await _bed.WriteAsync($"SELECT * FROM ({Flights}) WHERE false");
        var version = await _bed.DefineAsync(Definition);
        await _bed.RefreshAsync(version, "r1/refresh");
        var empty = (await SnapshotAsync()).Columns;

        await _bed.WriteAsync(Flights);
        await _bed.RefreshAsync(version, "r2/refresh");

        Assert.Equal(empty, (await SnapshotAsync()).Columns);
    }

    [Fact]
    public async Task The_commit_tells_what_it_was_computed_from()
    {
        await _bed.WriteAsync(Flights);
        var source = await _bed.WriteAsync(Flights, append: true);
        var version = await _bed.DefineAsync(Definition);

        await _bed.RefreshAsync(version, "r1/refresh");

        var commit = (await CommitsAsync()).Single();
        Assert.Equal("r1/refresh", commit.OperationId);
        Assert.Equal(source.Version, commit.Info["inputs"]!["facts"]!["version"]!.GetValue<long>());
        Assert.Equal(version, commit.Info["definitionVersion"]!.GetValue<long>());
    }

    [Fact]
    public async Task Nothing_new_is_seen_until_source_or_definition_change()
    {
        await _bed.WriteAsync(Flights);
        var version = await _bed.DefineAsync(Definition);
        Assert.False((await _bed.Refresher.PlanAsync(MartBed.Mart, version, Token)).NothingNew);
        await _bed.RefreshAsync(version, "r1/refresh");

        Assert.True((await _bed.Refresher.PlanAsync(MartBed.Mart, version, Token)).NothingNew);

        await _bed.WriteAsync(Flights, append: true);
        Assert.False((await _bed.Refresher.PlanAsync(MartBed.Mart, version, Token)).NothingNew);
        await _bed.RefreshAsync(version, "r2/refresh");
        Assert.True((await _bed.Refresher.PlanAsync(MartBed.Mart, version, Token)).NothingNew);

        var next = await _bed.DefineAsync(
            """ "source": "facts", "dimensions": [ {"name": "origin"} ], "measures": [ {"name": "flights", "type": "count"} ] """);
        Assert.False((await _bed.Refresher.PlanAsync(MartBed.Mart, next, Token)).NothingNew);
        await _bed.RefreshAsync(next, "r3/refresh");

        var (mart, direct) = await _bed.RowsAsync("SELECT origin, count(*) FROM facts GROUP BY 1 ORDER BY 1");
        Assert.Equal(direct, mart);
    }

    [Fact]
    public async Task A_mart_without_the_columns_that_its_measures_need_is_computed_again_though_nothing_changed()
    {
        await _bed.WriteAsync(Flights);
        var version = await _bed.DefineAsync(Definition);
        await _bed.RefreshAsync(version, "r1/refresh");
        var full = (await SnapshotAsync()).Columns;

        // As a release that stored no parts of averages left it.
        await _bed.RewriteMartAsync("SELECT * EXCLUDE (_delay_avg_sum, _delay_avg_count) FROM mart");
        Assert.Equal(full.Count - 2, (await SnapshotAsync()).Columns.Count);
        var plan = await _bed.Refresher.PlanAsync(MartBed.Mart, version, Token);

        Assert.False(plan.NothingNew);
        Assert.NotNull((await _bed.Refresher.ComputeAsync(plan, "r2/refresh", Token)).Rows);
        Assert.Equal(full, (await SnapshotAsync()).Columns);
        Assert.True((await _bed.Refresher.PlanAsync(MartBed.Mart, version, Token)).NothingNew);
    }

    [Fact]
    public async Task Work_done_twice_commits_once()
    {
        await _bed.WriteAsync(Flights);
        var version = await _bed.DefineAsync(Definition);
        var plan = await _bed.Refresher.PlanAsync(MartBed.Mart, version, Token);

        var first = await _bed.Refresher.ComputeAsync(plan, "r1/refresh", Token);
        var again = await _bed.OtherInstance().ComputeAsync(plan, "r1/refresh", Token);

        Assert.Equal(first, again);
        Assert.Single(await CommitsAsync());
    }

    [Fact]
    public async Task A_refresh_that_was_overtaken_leaves_the_newer_rows()
    {
        await _bed.WriteAsync(Flights);
        var version = await _bed.DefineAsync(Definition);
        var old = await _bed.Refresher.PlanAsync(MartBed.Mart, version, Token);
        await _bed.WriteAsync(Flights, append: true);
        await _bed.RefreshAsync(version, "r2/refresh");

        var late = await _bed.OtherInstance().ComputeAsync(old, "r1/refresh", Token);

        Assert.Null(late.Rows);
        Assert.Single(await CommitsAsync());
        Assert.Equal(10000, await FlightsAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_refresh_by_a_replaced_definition_does_not_take_the_new_one_back(bool newerSource)
    {
        const string Other = """ "source": "facts", "dimensions": [ {"name": "origin"} ], "measures": [ {"name": "n", "type": "count"} ] """;
        await _bed.WriteAsync(Flights);
        var old = await _bed.DefineAsync(Definition);
        var early = await _bed.Refresher.PlanAsync(MartBed.Mart, old, Token);
        await _bed.RefreshAsync(await _bed.DefineAsync(Other), "r2/refresh");

        if (newerSource)
        {
            await _bed.WriteAsync(Flights, append: true);
            early = await _bed.Refresher.PlanAsync(MartBed.Mart, old, Token);
            Assert.Equal("DefinitionReplaced", (await Assert.ThrowsAsync<TerminalException>(() => _bed.Refresher.ComputeAsync(early, "r1/refresh", Token))).Code);
        }
        else
        {
            Assert.Null((await _bed.OtherInstance().ComputeAsync(early, "r1/refresh", Token)).Rows);
        }

        Assert.Equal(["origin", "n"], (await SnapshotAsync()).Columns.Select(column => column.Name));
    }

    [Fact]
    public async Task The_mart_equals_a_recomputation_over_nulls_extremes_and_wider_columns()
    {
        await _bed.WriteAsync("SELECT * FROM (VALUES (NULL::VARCHAR, NULL::INTEGER, NULL::DECIMAL(18,2)), ('a', 2147483647, 1.10), ('a', 2147483647, NULL), ('b', NULL, NULL)) AS t(k, i, m)");
        var version = await _bed.DefineAsync(
            """
            "source": "facts", "dimensions": [ {"name": "k"} ],
            "measures": [ {"name": "n", "type": "count"}, {"name": "s", "type": "sum", "sql": "i"}, {"name": "a", "type": "avg", "sql": "m"},
                {"name": "d", "type": "count_distinct", "sql": "i"}, {"name": "lo", "type": "min", "sql": "m"}, {"name": "t", "type": "sum", "sql": "m"} ]
            """);
        const string Direct =
            "SELECT k, count(*), CAST(sum(i) AS DECIMAL(38,0)), avg(m), count(DISTINCT i), min(m), sum(m) FROM facts GROUP BY k ORDER BY k";
        await _bed.RefreshAsync(version, "r1/refresh");
        var (mart, direct) = await _bed.RowsAsync(Direct);
        Assert.Equal(direct, mart);
        Assert.Equal(3, mart.Count);

        await _bed.WriteAsync("SELECT * FROM (VALUES (NULL::VARCHAR, 9223372036854775807::BIGINT, 9.99::DECIMAL(20,4), 1), (NULL, 9223372036854775807, 0.0001, 2)) AS t(k, i, m, extra)");
        await _bed.RefreshAsync(version, "r2/refresh");
        (mart, direct) = await _bed.RowsAsync(Direct);
        Assert.Equal(direct, mart);
        Assert.Single(mart);
    }

    [Fact]
    public async Task Refreshes_at_one_time_end_with_the_newest_rows()
    {
        await _bed.WriteAsync(Flights);
        var version = await _bed.DefineAsync(Definition);
        List<Func<Task>> works = [];
        for (var round = 0; round < 3; round++)
        {
            var (id, instance, plan) = ($"r{round}/refresh", _bed.OtherInstance(), await _bed.Refresher.PlanAsync(MartBed.Mart, version, Token));
            await _bed.WriteAsync(Flights, append: true);
            works.Add(async () =>
            {
                for (var attempt = 1; ; attempt++)
                {
                    try
                    {
                        await instance.ComputeAsync(plan, id, Token);
                        return;
                    }
                    catch (TransientException) when (attempt < 10)
                    {
                        // The activity's retry policy runs it again.
                    }
                }
            });
        }

        await Task.WhenAll(works.Select(work => work()));

        Assert.Equal(15000, await FlightsAsync());
    }

    [Fact]
    public async Task Sources_that_are_missing_or_empty_say_what_to_do()
    {
        var version = await _bed.DefineAsync(Definition.Replace("\"facts\"", "\"nowhere\"", StringComparison.Ordinal));
        Assert.Equal("SourceNotFound", (await Assert.ThrowsAsync<TerminalException>(() => _bed.Refresher.PlanAsync(MartBed.Mart, version, Token))).Code);

        version = await _bed.DefineAsync(Definition);
        Assert.Equal("SourceEmpty", (await Assert.ThrowsAsync<TerminalException>(() => _bed.Refresher.PlanAsync(MartBed.Mart, version, Token))).Code);
        Assert.Equal("MartNotFound", (await Assert.ThrowsAsync<TerminalException>(() => _bed.Refresher.PlanAsync("nothing", 1, Token))).Code);
    }

    [Fact]
    public async Task All_mistakes_are_told_with_their_places()
    {
        await _bed.WriteAsync(Flights);
        var version = await _bed.DefineAsync(
            """
            "source": "facts",
            "dimensions": [ {"name": "nope"}, {"name": "day", "sql": "CAST(dat AS DATE)"}, {"name": "origin"} ],
            "measures": [ {"name": "a", "type": "sum", "sql": "delay + missing"}, {"name": "b", "type": "sum", "sql": "delay"} ]
            """);

        var failure = await Assert.ThrowsAsync<TerminalException>(() => _bed.RefreshAsync(version, "r1/refresh"));

        Assert.Equal("InvalidMart", failure.Code);
        Assert.Equal(["$.dimensions[0].name", "$.dimensions[1].sql", "$.measures[0].sql"], failure.Details.Select(detail => detail.Target));
    }

    [Fact]
    public async Task A_value_that_cannot_be_computed_is_told_with_the_mart_and_without_the_value()
    {
        await _bed.WriteAsync("SELECT 'a secret' AS origin");
        var version = await _bed.DefineAsync(
            """ "source": "facts", "dimensions": [ {"name": "origin"} ], "measures": [ {"name": "m", "type": "sum", "sql": "CAST(origin AS INT)"} ] """);

        var failure = await Assert.ThrowsAsync<TerminalException>(() => _bed.RefreshAsync(version, "r1/refresh"));

        Assert.Equal(("SqlError", MartBed.Mart), (failure.Code, failure.Target));
        Assert.StartsWith($"The mart '{MartBed.Mart}' cannot be computed: ", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", failure.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sum", "origin", "needs a number")]
    [InlineData("avg", "date", "needs a number")]
    [InlineData("sum", "sum(delay)", "one row at a time")]
    [InlineData("sum", "row_number() OVER ()", "one row at a time")]
    [InlineData("sum", "delay) FROM facts; DROP TABLE facts --", "")]
    [InlineData("max", "(SELECT max(delay) FROM other)", "other")]
    [InlineData("max", "delay FROM facts WHERE (1=1", "")]
    public async Task Measures_must_be_expressions_of_one_row(string type, string sql, string message)
    {
        await _bed.WriteAsync(Flights);
        var version = await _bed.DefineAsync(
            $$""" "source": "facts", "dimensions": [ {"name": "origin"} ], "measures": [ {"name": "m", "type": "{{type}}", "sql": "{{sql}}"} ] """);

        var failure = await Assert.ThrowsAsync<TerminalException>(() => _bed.RefreshAsync(version, "r1/refresh"));

        Assert.Equal(FailureKind.Invalid, failure.Kind);
        var detail = Assert.Single(failure.Details);
        Assert.Equal("$.measures[0].sql", detail.Target);
        Assert.Contains(message, detail.Message, StringComparison.Ordinal);
    }

    private async Task<Snapshot> SnapshotAsync() => (await _bed.MartTable.TryGetSnapshotAsync(version: null, Token))!;

    private async Task<List<Commit>> CommitsAsync() =>
        await _bed.MartTable.ReadCommitsAsync(-1, upTo: null, Token).ToListAsync(Token);

    private async Task<long> FlightsAsync()
    {
        await _bed.MartTable.TryGetSnapshotAsync(version: null, Token);
        await using var session = await _bed.Sql.Engine.OpenAsync(Token);
        await session.MountAsync("mart", await SnapshotAsync(), options: null, Token);
        return long.Parse((await SqlBed.RowsAsync(session, "SELECT sum(flights) FROM mart"))[0], System.Globalization.CultureInfo.InvariantCulture);
    }
}
