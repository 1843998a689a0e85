using System.Text.Json;
using DataPlatform.Aggregation;
using DataPlatform.Catalog;
using DataPlatform.Lake;
using DataPlatform.Tables;

namespace DataPlatform.Platform.Tests.Aggregation;

public sealed class MartPartitionsTests : IAsyncLifetime
{
    private const string Definition =
        """
        "source": "facts", "partitionBy": ["day"],
        "dimensions": [ {"name": "origin"}, {"name": "day", "sql": "CAST(date AS DATE)"} ],
        "measures": [ {"name": "flights", "type": "count"}, {"name": "delay", "type": "avg", "sql": "delay"} ]
        """;

    private const string Direct = "SELECT origin, CAST(date AS DATE) AS day, count(*), avg(delay) FROM facts GROUP BY 1, 2 ORDER BY 2, 1";

    private readonly MartBed _bed = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await _bed.WriteAsync(Days(0, 100));

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Fact]
    public async Task Late_and_new_rows_compute_their_partitions_only()
    {
        var version = await _bed.DefineAsync(Definition);
        Assert.Equal(new RefreshOutcome(RefreshExtent.Whole, "It had no data yet.", Partitions: null, 300, 0, 1), (await _bed.RefreshAsync(version, "r1/refresh")).Outcome);

        await _bed.WriteAsync(Days(100, 2), append: true);
        await _bed.WriteAsync(Days(40, 1, "late"), append: true);
        var result = await _bed.RefreshAsync(version, "r2/refresh");

        Assert.Equal(new RefreshOutcome(RefreshExtent.Partitions, Reason: null, 3, 12, 1, 1), result.Outcome);
        Assert.Equal(309, result.Rows);
        await EnsureEqualAsync();
    }

    /// <summary>Spark tells the millisecond that the largest time lies in, and what others tell may be no time at all.</summary>
    [Theory]
    [InlineData("2001-01-01T12:00:00.123Z", 1)]
    [InlineData("noon", 1)]
    [InlineData("2001-01-01T11:00:00.000Z", 0)]
    public async Task Files_of_other_writers_are_read_unless_they_say_for_sure_that_they_hold_nothing(string greatest, int files)
    {
        var column = new TableColumn("at", "timestamp");
        Dictionary<string, JsonElement> least = new() { ["at"] = JsonSerializer.SerializeToElement("2001-01-01T10:00:00.000Z") }, most = new() { ["at"] = JsonSerializer.SerializeToElement(greatest) };
        var statistics = new FileStatistics(2, least, most, new Dictionary<string, long> { ["at"] = 0 });
        var file = new DataFile("a.parquet", 100, new Dictionary<string, string?>(), ModificationTime: 0, statistics);
        var source = new Snapshot(Sql.SqlBed.Table, "id", 0, DateTimeOffset.UnixEpoch, [column], [], new List<DataFile> { file }, new Dictionary<string, long>());
        await using var session = await _bed.Sql.Engine.OpenAsync(Token);
        await session.ExecuteAsync($"CREATE TEMP TABLE {TouchedPartitions.Relation} AS SELECT TIMESTAMP '2001-01-01 12:00:00.123456' AS at", Token);

        Assert.Equal(files, (await SourceScan.FindFilesAsync(session, source, new PartitionSource(column, "at", Grain: null), Token)).Count);
    }

    [Fact]
    public async Task Days_without_rows_any_more_and_rows_without_a_day_are_partitions_like_others()
    {
        var version = await _bed.DefineAsync(Definition);
        await _bed.RefreshAsync(version, "r1/refresh");
        await _bed.WriteAsync($"SELECT * FROM ({Days(0, 100)}) WHERE day(date) <> 7 UNION ALL SELECT NULL, 'A', 5");

        var result = await _bed.RefreshAsync(version, "r2/refresh");

        Assert.Equal((RefreshExtent.Partitions, 5L), (result.Outcome!.Extent, result.Outcome.Partitions));
        await EnsureEqualAsync();
        await _bed.WriteAsync("SELECT NULL::TIMESTAMP AS date, 'B' AS origin, 6 AS delay", append: true);
        Assert.Equal(1, (await _bed.RefreshAsync(version, "r3/refresh")).Outcome!.Partitions);
        await EnsureEqualAsync();
    }

    [Fact]
    public async Task Rows_that_only_moved_compute_nothing_and_the_position_goes_on()
    {
        var version = await _bed.DefineAsync(Definition);
        await _bed.RefreshAsync(version, "r1/refresh");
        await _bed.WriteAsync(Days(0, 100));

        var result = await _bed.RefreshAsync(version, "r2/refresh");

        Assert.Equal(new RefreshOutcome(RefreshExtent.Nothing, Reason: null, 0, 0, 0, 0), result.Outcome);
        Assert.True((await _bed.Refresher.PlanAsync(MartBed.Mart, version, Token)).NothingNew);
        await EnsureEqualAsync();
    }

    [Fact]
    public async Task A_refresh_done_twice_tells_the_same_and_commits_once()
    {
        var version = await _bed.DefineAsync(Definition);
        await _bed.RefreshAsync(version, "r1/refresh");
        await _bed.WriteAsync(Days(3, 1), append: true);
        var plan = await _bed.Refresher.PlanAsync(MartBed.Mart, version, Token);

        var first = await _bed.Refresher.ComputeAsync(plan, "r2/refresh", Token);
        await _bed.WriteAsync(Days(4, 1), append: true);
        var again = await _bed.OtherInstance().ComputeAsync(plan, "r2/refresh", Token);

        Assert.Equal(first, again);
        Assert.Equal(1, first.Outcome!.Partitions);
    }

    [Fact]
    public async Task What_does_not_change_the_computation_does_not_compute_the_mart_whole()
    {
        await _bed.RefreshAsync(await _bed.DefineAsync(Definition), "r1/refresh");

        var result = await _bed.RefreshAsync(await _bed.DefineAsync(Definition + """, "description": "Delays", "freshness": "PT1H" """), "r2/refresh");

        Assert.Equal(RefreshExtent.Nothing, result.Outcome!.Extent);
    }

    [Theory]
    [InlineData("definition", "Its definition has changed.")]
    [InlineData("types", "Columns of 'facts' have other types than before.")]
    [InlineData("most", "51 of 100 partitions are touched.")]
    [InlineData("files", "Files that 'facts' had at version 0, which the mart holds, are deleted (vacuum).")]
    [InlineData("dropped", "'facts' is another table than before.")]
    [InlineData("partitionBy", "It has no 'partitionBy'.")]
    public async Task A_whole_refresh_says_why(string what, string reason)
    {
        var version = await _bed.DefineAsync(what == "partitionBy" ? Definition.Replace("\"partitionBy\": [\"day\"],", "", StringComparison.Ordinal) : Definition);
        await _bed.RefreshAsync(version, "r1/refresh");
        var direct = Direct;
        switch (what)
        {
            case "definition":
                version = await _bed.DefineAsync(Definition.Replace("avg", "max", StringComparison.Ordinal));
                direct = Direct.Replace("avg", "max", StringComparison.Ordinal);
                break;
            case "types":
                await _bed.WriteAsync($"SELECT * REPLACE (CAST(origin || '1' AS BLOB) AS origin) FROM ({Days(0, 100)})");
                break;
            case "most":
                await _bed.WriteAsync(Days(0, 51), append: true);
                break;
            case "files":
                var old = (await _bed.Tables.Get(Sql.SqlBed.Table).TryGetSnapshotAsync(version: null, Token))!;
                await _bed.WriteAsync(Days(0, 99));
                foreach (var file in old.Files)
                    await _bed.Sql.Objects.TryDeleteAsync(DataFiles.Locate(old.Table, file), etag: null, Token);
                break;
            case "dropped":
                await _bed.ReplaceSourceAsync(Days(0, 99));
                break;
            default:
                await _bed.WriteAsync(Days(0, 1), append: true);
                direct = "SELECT origin, CAST(date AS DATE) AS day, count(*), avg(delay) FROM facts GROUP BY 1, 2 ORDER BY 1, 2";
                break;
        }

        var result = await _bed.RefreshAsync(version, "r2/refresh");

        Assert.Equal((RefreshExtent.Whole, reason), (result.Outcome!.Extent, result.Outcome.Reason));
        await EnsureEqualAsync(direct);
    }

    [Fact]
    public async Task Ten_years_of_days_are_few_files_however_they_came()
    {
        await _bed.WriteAsync(Days(0, 3600, origins: 25));
        var version = await _bed.DefineAsync(Definition);
        await _bed.RefreshAsync(version, "r/refresh");
        for (var day = 0; day < 50; day += 10)
        {
            await _bed.WriteAsync(Days(3600 + day, 10, origins: 25), append: true);
            Assert.Equal(RefreshExtent.Partitions, (await _bed.RefreshAsync(version, $"r{day}/refresh")).Outcome!.Extent);
        }

        var mart = (await _bed.MartTable.TryGetSnapshotAsync(version: null, Token))!;
        Assert.InRange(mart.Files.Count, 1, 4);
        Assert.Equal(3650 * 25, mart.Rows);
        await EnsureEqualAsync();
    }

    [Fact]
    public async Task Files_without_touched_partitions_stay()
    {
        // A file gets a group of rows (122,880) at least.
        await _bed.WriteAsync("SELECT TIMESTAMP '2001-01-01' + to_days((range // 1000)::INTEGER) AS date, 'A' || (range % 1000) AS origin, (range % 50)::INTEGER AS delay FROM range(500000)");
        var refresher = _bed.OtherInstance(fileBytes: 1, smallFileBytes: 1);
        var version = await _bed.DefineAsync(Definition);
        await refresher.ComputeAsync(await refresher.PlanAsync(MartBed.Mart, version, Token), "r1/refresh", Token);
        var before = (await _bed.MartTable.TryGetSnapshotAsync(version: null, Token))!;
        Assert.InRange(before.Files.Count, 2, 6);

        await _bed.WriteAsync(Days(200, 1), append: true);
        var result = await refresher.ComputeAsync(await refresher.PlanAsync(MartBed.Mart, version, Token), "r2/refresh", Token);

        var after = (await _bed.MartTable.TryGetSnapshotAsync(version: null, Token))!;
        Assert.Equal(1, result.Outcome!.FilesRemoved);
        Assert.Equal(before.Files.Count - 1, before.Files.Select(file => file.Path).Intersect(after.Files.Select(file => file.Path)).Count());
        await EnsureEqualAsync();
    }

    [Fact]
    public async Task A_mart_holds_what_it_needs_of_its_source()
    {
        var version = await _bed.DefineAsync(Definition);
        await _bed.RefreshAsync(version, "r1/refresh");
        await _bed.WriteAsync(Days(0, 10), append: true);
        var source = (await _bed.Tables.Get(Sql.SqlBed.Table).TryGetSnapshotAsync(version: null, Token))!;
        var holds = new MartHolds(_bed.Catalog, _bed.Tables);

        Assert.Equal([new TableHold("mart:sums", source.TableId, 0)], await holds.FindAsync(source.Table, source.TableId, Token).ToListAsync(Token));
        Assert.Empty(await holds.FindAsync(source.Table, "another", Token).ToListAsync(Token));
        await _bed.RefreshAsync(version, "r2/refresh");
        Assert.Equal(1, (await holds.FindAsync(source.Table, source.TableId, Token).ToListAsync(Token)).Single().Version);
    }

    /// <summary>A row of each origin for each day.</summary>
    private static string Days(int first, int count, string origin = "A", int origins = 3) =>
        $"""
        SELECT TIMESTAMP '2001-01-01 10:00:00' + to_days((range // {origins} + {first})::INTEGER) AS date, '{origin}' || (range % {origins}) AS origin, (range % 50)::INTEGER AS delay
        FROM range({count * origins})
        """;

    private async Task EnsureEqualAsync(string direct = Direct)
    {
        var (mart, expected) = await _bed.SortedRowsAsync(direct);
        Assert.Equal(expected, mart);
    }
}
