using System.Text;
using DataPlatform.Failures;
using DataPlatform.Sql;
using DataPlatform.Sql.Lineage;
using DataPlatform.TestKit;

namespace DataPlatform.Platform.Tests.Sql.Lineage;

/// <summary>Queries in <c>Golden/*.sql</c> and their lineage beside them. With the environment variable <c>UPDATE_GOLDEN=1</c> what is expected is
/// written anew.</summary>
public sealed class SqlLineageTests(SqlLineageTests.Bed bed) : IClassFixture<SqlLineageTests.Bed>
{
    private static readonly string Folder = Path.Combine(Repository.Root, "tests", "Platform", "Sql", "Lineage", "Golden");

    private static readonly Dictionary<string, string[]> Tables = new()
    {
        ["flights"] = ["date", "delay", "distance", "origin", "destination"],
        ["airports"] = ["iata", "name", "state"],
        ["orders"] = ["id", "customer", "amount", "items"],
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Queries { get; } =
        [.. Directory.EnumerateFiles(Folder, "*.sql").Select(file => Path.GetFileNameWithoutExtension(file)!).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Queries))]
    public async Task The_lineage_of_a_query_is_as_expected(string query)
    {
        var expected = Path.Combine(Folder, $"{query}.txt");
        var lineage = await ReadAsync(await File.ReadAllTextAsync(Path.Combine(Folder, $"{query}.sql"), Token));

        var text = Describe(lineage);
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
            await File.WriteAllTextAsync(expected, text, Token);

        Assert.Equal(await File.ReadAllTextAsync(expected, Token), text);
    }

    [Fact]
    public async Task What_cannot_be_parsed_is_refused()
    {
        var error = await Assert.ThrowsAsync<TerminalException>(() => ReadAsync("SELECT FROM WHERE"));

        Assert.Equal(SqlInspector.ErrorCode, error.Code);
    }

    [Fact]
    public async Task A_column_that_the_result_lacks_is_not_found()
    {
        var lineage = await ReadAsync("SELECT delay AS late FROM flights");

        Assert.NotNull(lineage.Find("LATE"));
        Assert.Null(lineage.Find("delay"));
    }

    [Fact]
    public async Task Queries_within_queries_to_any_depth_are_followed()
    {
        var sql = Enumerable.Range(0, 50).Aggregate("SELECT delay AS x FROM flights", (inner, _) => $"SELECT x + 1 AS x FROM ({inner})");

        Assert.Equal("flights.delay Transformation", Text(Assert.Single((await ReadAsync(sql)).Columns).Flow));
    }

    private Task<QueryLineage> ReadAsync(string sql) =>
        bed.Lineage.ReadAsync(sql, table => Tables.GetValueOrDefault(table.Name), "$.sql", Token);

    private static string Describe(QueryLineage lineage)
    {
        var text = new StringBuilder();
        foreach (var column in lineage.Columns)
            text.Append(column.Name.Length > 0 ? column.Name : "(no name)").Append(" <- ").Append(Text(column.Flow)).Append('\n');
        if (lineage.Rest is { } rest)
            text.Append("(any other) <- ").Append(Text(rest("other"))).Append('\n');
        return text.Append("rows <- ").Append(Text(lineage.Rows)).Append('\n').ToString();
    }

    private static string Text(Flow flow)
    {
        var sources = flow.Sources.Select(source => $"{source.Key} {source.Value.ToString().Replace(", ", "+", StringComparison.Ordinal)}");
        return string.Join(", ", flow.Unknown is null ? sources : sources.Append($"unknown: {flow.Unknown}"));
    }

    public sealed class Bed : IAsyncDisposable
    {
        public SqlBed Sql { get; } = new();

        public SqlLineage Lineage => new(Sql.Inspector);

        public ValueTask DisposeAsync() => Sql.DisposeAsync();
    }
}
