using DataPlatform.Sql;
using DataPlatform.Sql.Lineage;
using FsCheck;
using FsCheck.Fluent;

namespace DataPlatform.Platform.Tests.Sql.Lineage;

/// <summary>The lineage of random queries against an experiment: a column from which an output column does not come can be emptied, and the output
/// column stays as it is.</summary>
public sealed class LineageExperimentTests : IAsyncDisposable
{
    private readonly SqlBed _sql = new();
    private int _tried;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_not_in_the_lineage_can_be_emptied_without_a_change()
    {
        await using var session = await _sql.Engine.OpenAsync(Token);
        Prop.ForAll(Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), seed => TryAsync(session, new Random(seed)).GetAwaiter().GetResult())
            .Check(Config.QuickThrowOnFailure.WithMaxTest(150));

        // Otherwise the lineage of everything would be everything.
        Assert.True(_tried > 500, $"Only {_tried} pairs of columns were tried.");
    }

    public ValueTask DisposeAsync() => _sql.DisposeAsync();

    private async Task TryAsync(SqlSession session, Random random)
    {
        var (sql, columns) = new RandomQuery(random).Query(depth: random.Next(4));
        var lineage = await new SqlLineage(_sql.Inspector).ReadAsync(sql, table => RandomQuery.Tables[table.Name], "sql", Token);
        Assert.True(lineage.Rest is null && lineage.Columns.Select(column => column.Name).SequenceEqual(columns), $"Other columns. {sql}");
        Assert.True(lineage.Rows.Unknown is null && lineage.Columns.All(column => column.Flow.Unknown is null), $"Not known: {lineage.Columns}. {sql}");

        foreach (var (name, own) in RandomQuery.Tables)
            await session.ExecuteAsync($"CREATE OR REPLACE TABLE {name}_data AS FROM (VALUES {Rows(random, own.Length)}) v({string.Join(", ", own)})", Token);
        foreach (var (table, own) in RandomQuery.Tables)
        {
            foreach (var emptied in own)
            {
                var source = new SourceColumn(table, emptied);
                if (lineage.Rows.Sources.ContainsKey(source))
                    continue;
                var untouched = lineage.Columns.Where(column => !column.Flow.Sources.ContainsKey(source)).Select(column => column.Name).ToList();
                if (untouched.Count == 0)
                    continue;
                _tried += untouched.Count;
                await ShowAsync(session, null);
                var before = await ReadAsync(session, sql, untouched);
                await ShowAsync(session, source);
                var after = await ReadAsync(session, sql, untouched);
                Assert.True(before == after, $"Without {source} one of {string.Join(", ", untouched)} changes: {before} to {after}. {sql}");
            }
        }
    }

    /// <summary>The tables as they are, but for one column.</summary>
    private static async Task ShowAsync(SqlSession session, SourceColumn? emptied)
    {
        foreach (var table in RandomQuery.Tables.Keys)
        {
            var replace = emptied is { } column && column.Table == table ? $" REPLACE (CAST(NULL AS INTEGER) AS {column.Column})" : "";
            await session.ExecuteAsync($"CREATE OR REPLACE VIEW {table} AS SELECT *{replace} FROM {table}_data", Token);
        }
    }

    private static async Task<string> ReadAsync(SqlSession session, string sql, IReadOnlyList<string> columns)
    {
        var sorted = string.Join(" || ", columns.Select(column => $"CAST(list_sort(list({column})) AS VARCHAR)"));
        return (await session.ReadAsync($"SELECT coalesce({sorted}, 'none') FROM ({sql})", [], reader => reader.GetString(0), Token))[0];
    }

    private static string Rows(Random random, int columns) => string.Join(", ", Enumerable.Range(0, 12).Select(_ =>
        $"({string.Join(", ", Enumerable.Range(0, columns).Select(_ => random.Next(6) == 0 ? "CAST(NULL AS INTEGER)" : $"{random.Next(4)}"))})"));
}
