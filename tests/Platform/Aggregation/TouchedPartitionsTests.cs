using DataPlatform.Aggregation;
using DataPlatform.Catalog;
using DataPlatform.Platform.Tests.Sql;
using DataPlatform.Tables;

namespace DataPlatform.Platform.Tests.Aggregation;

public sealed class TouchedPartitionsTests : IAsyncLifetime
{
    private const string Definition =
        """
        "source": "facts", "filter": "delay >= 0", "partitionBy": ["month"],
        "dimensions": [ {"name": "origin"}, {"name": "month", "sql": "day", "grain": "month"} ], "measures": [ {"name": "delays", "type": "sum", "sql": "delay"} ]
        """;

    private readonly MartBed _bed = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await _bed.WriteAsync(Months(1, 6));

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Fact]
    public async Task Rows_that_came_touch_their_partitions()
    {
        await _bed.WriteAsync(Months(6, 7), append: true);
        await _bed.WriteAsync($"SELECT * REPLACE (NULL::DATE AS day) FROM ({Months(1, 1)})", append: true);

        Assert.Equal(["", "2001-06-01", "2001-07-01"], await FindAsync(after: 0));
        Assert.Equal([""], await FindAsync(after: 1));
        Assert.Empty(await FindAsync(after: 2) ?? ["none"]);
    }

    [Fact]
    public async Task Rows_that_only_moved_to_other_files_touch_nothing_and_changed_ones_do()
    {
        await _bed.WriteAsync($"SELECT * REPLACE (CASE WHEN month(day) = 3 THEN delay + 1 ELSE delay END AS delay) FROM ({Months(1, 6)}) WHERE month(day) <> 5");

        Assert.Equal(["2001-03-01", "2001-05-01"], await FindAsync(after: 0));
    }

    [Fact]
    public async Task Rows_and_columns_that_the_mart_does_not_look_at_touch_nothing()
    {
        await _bed.WriteAsync($"SELECT * REPLACE (-1 AS delay) FROM ({Months(2, 3)})", append: true);
        await _bed.WriteAsync($"SELECT * REPLACE ('other' AS note) FROM ({Months(1, 6)})");

        Assert.Empty(await FindAsync(after: 0) ?? ["none"]);
    }

    /// <summary>Two rows a day of the months from one to another of 2001.</summary>
    private static string Months(int first, int last) =>
        $"""
        SELECT CAST(day AS DATE) AS day, 'A' || (dayofyear(day) % 3) AS origin, (dayofyear(day) % 7)::INTEGER AS delay, 'note' AS note
        FROM range(DATE '2001-{first:00}-01', DATE '2001-{last:00}-28', INTERVAL 12 HOUR) AS days(day)
        """;

    private async Task<IReadOnlyList<string>?> FindAsync(long after)
    {
        var version = await _bed.DefineAsync(Definition);
        var mart = (await _bed.Catalog.GetAsync<MartDefinition>(MartBed.Mart, version, Token)).Definition;
        var source = (await _bed.Tables.Get(SqlBed.Table).TryGetSnapshotAsync(version: null, Token))!;
        await using var session = await _bed.Sql.Engine.OpenAsync(Token);
        await session.MountAsync("facts", source, options: null, Token);
        return await new TouchedPartitions(_bed.Tables, _bed.Sql.Objects).FindAsync(session, mart, after, source, Token) is null
            ? await SqlBed.RowsAsync(session, "SELECT coalesce(CAST(month AS VARCHAR), '') FROM _touched ORDER BY 1")
            : null;
    }
}
