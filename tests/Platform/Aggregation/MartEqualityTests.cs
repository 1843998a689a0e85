using System.Globalization;
using DataPlatform.Aggregation;
using DataPlatform.Catalog;
using DataPlatform.Platform.Tests.Sql;
using DataPlatform.Tables;

namespace DataPlatform.Platform.Tests.Aggregation;

/// <summary>A mart that was refreshed after each of many random changes of its source is what it would be if it were computed whole.</summary>
public sealed class MartEqualityTests : IAsyncDisposable
{
    private const string Definition =
        """
        "source": "facts", "filter": "kind <> 'x'", "partitionBy": ["week", "kind"],
        "dimensions": [ {"name": "kind"}, {"name": "week", "sql": "time_of", "grain": "week"}, {"name": "big", "sql": "n > 50"} ],
        "measures": [ {"name": "c", "type": "count"}, {"name": "s", "type": "sum", "sql": "n"}, {"name": "d", "type": "sum", "sql": "amount"}, {"name": "f", "type": "sum", "sql": "weight"},
            {"name": "a", "type": "avg", "sql": "weight"}, {"name": "lo", "type": "min", "sql": "time_of"}, {"name": "hi", "type": "max", "sql": "who"}, {"name": "u", "type": "count_distinct", "sql": "who"},
            {"name": "h", "type": "approx_count_distinct", "sql": "who", "filter": "n <> 7"}, {"name": "q", "type": "quantile", "sql": "n", "q": 0.9}, {"name": "r", "type": "ratio", "numerator": "s", "denominator": "c"} ]
        """;

    private static readonly string[] Exact = ["kind", "week", "big", "c", "s", "d", "lo", "hi", "u", "h", "q", "r", "_a_count", "_h_sketch"];

    private readonly MartBed _bed = new();
    private readonly HashSet<RefreshExtent> _extents = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Incremental_refreshes_equal_a_full_rebuild(int seed)
    {
        var random = new Random(seed);
        await _bed.WriteAsync(Rows(random, 400));
        var version = await _bed.DefineAsync(Definition);
        for (var round = 0; round < Rounds; round++)
        {
            for (var change = random.Next(1, 4); change > 0; change--)
                await ChangeAsync(random);
            _extents.Add((await _bed.RefreshAsync(version, $"r{round}/refresh")).Outcome!.Extent);
            await EnsureEqualAsync($"seed {seed}, round {round}");
        }

        Assert.Contains(RefreshExtent.Partitions, _extents);
    }

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    private static int Rounds => Environment.GetEnvironmentVariable("DATAPLATFORM_LONG") == "1" ? 200 : 12;

    /// <summary>Some of the values are missing, some times stand out.</summary>
    private static string Rows(Random random, int count, int firstDay = 0, int days = 200) =>
        $"""
        SELECT CASE WHEN h % 41 = 0 THEN NULL ELSE TIMESTAMP '2003-12-01' + to_seconds((h % {days * 86400L})::BIGINT) + to_days({firstDay}) END AS time_of,
            CASE WHEN h % 37 = 0 THEN NULL WHEN h % 5 = 0 THEN 'x' ELSE 'k' || (h % 4) END AS kind, (h % 101)::INTEGER AS n, ((h % 100000) / 100)::DECIMAL(12,2) AS amount,
            (h % 1000003) / 7.0::DOUBLE AS weight, 'p' || (h % 90) AS who
        FROM (SELECT hash(range + {random.Next()}) AS h FROM range({count}))
        """;

    private async Task ChangeAsync(Random random)
    {
        var table = _bed.Tables.Get(SqlBed.Table);
        var current = (await table.TryGetSnapshotAsync(version: null, Token))!;
        switch (random.Next(7))
        {
            case 0: // new rows
                await _bed.WriteAsync(Rows(random, random.Next(1, 30), random.Next(200, 260), 7), append: true);
                break;
            case 1: // late rows
                await _bed.WriteAsync(Rows(random, random.Next(1, 20), random.Next(200), 3), append: true);
                break;
            case 2: // corrections
                await _bed.RewriteSourceAsync($"SELECT * REPLACE (CASE WHEN hash(who, {random.Next()}) % 30 = 0 THEN n + 1 ELSE n END AS n) FROM facts", dataChange: true);
                break;
            case 3: // deletions
                await _bed.RewriteSourceAsync($"SELECT * FROM facts WHERE date_trunc('day', time_of) IS DISTINCT FROM TIMESTAMP '2003-12-01' + to_days({random.Next(200)})", dataChange: true);
                break;
            case 4: // a row moves to another partition
                await _bed.RewriteSourceAsync($"SELECT * REPLACE (CASE WHEN hash(who, n) % 97 = {random.Next(97)} THEN time_of + INTERVAL 9 DAY ELSE time_of END AS time_of) FROM facts", dataChange: true);
                break;
            case 5: // compaction
                await _bed.RewriteSourceAsync("SELECT * FROM facts ORDER BY n", dataChange: false);
                break;
            default: // restore
                var older = (await table.TryGetSnapshotAsync(random.NextInt64(Math.Max(0, current.Version - 4), current.Version + 1), Token))!;
                await table.CommitAsync(
                    new TableChange
                    {
                        Operation = "RESTORE",
                        Columns = current.Columns,
                        Add = [.. older.Files.Except(current.Files)],
                        Remove = [.. current.Files.Except(older.Files).Select(file => file.Path)],
                        ReadVersion = current.Version,
                    },
                    Token);
                break;
        }
    }

    private async Task EnsureEqualAsync(string place)
    {
        var definition = (await _bed.Catalog.GetAsync<MartDefinition>(MartBed.Mart, Token)).Definition;
        await using var session = await _bed.Sql.Engine.OpenAsync(Token);
        await session.MountAsync("facts", (await _bed.Tables.Get(SqlBed.Table).TryGetSnapshotAsync(version: null, Token))!, options: null, Token);
        await session.MountAsync("mart", (await _bed.MartTable.TryGetSnapshotAsync(version: null, Token))!, new() { SystemColumns = true }, Token);
        await session.ExecuteAsync($"CREATE TABLE whole AS {(await MartCompiler.CompileAsync(session, definition, touched: null, Token)).Select}", Token);

        var names = string.Join(", ", Exact);
        Assert.Equal([], await SqlBed.RowsAsync(session, $"(SELECT {names} FROM mart EXCEPT ALL SELECT {names} FROM whole) UNION ALL (SELECT {names} FROM whole EXCEPT ALL SELECT {names} FROM mart)"));
        foreach (var measure in (string[])["f", "a", "_a_sum"])
        {
            var far = await SqlBed.RowsAsync(
                session,
                $"SELECT mart.{measure}, whole.{measure} FROM mart JOIN whole ON mart.kind IS NOT DISTINCT FROM whole.kind AND mart.week IS NOT DISTINCT FROM whole.week AND mart.big IS NOT DISTINCT FROM whole.big "
                + string.Create(CultureInfo.InvariantCulture, $"WHERE abs(mart.{measure} - whole.{measure}) > 1e-12 * abs(whole.{measure})"));
            Assert.True(far.Count == 0, $"{place}: {measure}: {string.Join("; ", far)}");
        }
    }
}
