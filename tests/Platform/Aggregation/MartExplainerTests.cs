using DataPlatform.Aggregation;
using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Tables;

namespace DataPlatform.Platform.Tests.Aggregation;

public sealed class MartExplainerTests : IAsyncLifetime
{
    private const string Definition =
        """
        "source": "facts", "partitionBy": ["month"], "filter": "delay <> 3",
        "dimensions": [ {"name": "month", "sql": "day", "grain": "month"}, {"name": "origin"} ],
        "measures": [ {"name": "n", "type": "count"}, {"name": "late", "type": "count", "filter": "delay > 4"}, {"name": "share", "type": "ratio", "numerator": "late", "denominator": "n"},
            {"name": "q", "type": "quantile", "sql": "delay", "q": 0.5} ]
        """;

    private readonly MartBed _bed = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _bed.WriteAsync(Rows(1, "a"));
        await _bed.WriteAsync(Rows(3, "b"), append: true);
        await _bed.WriteAsync(Rows(1, "c"), append: true);
        await _bed.RefreshAsync(await _bed.DefineAsync(Definition), "r1/refresh");
        await _bed.WriteAsync(Rows(1, "later"), append: true);
    }

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Fact]
    public async Task A_row_is_told_with_the_files_and_batches_that_it_comes_from()
    {
        var found = await ExplainAsync("2001-01-01", "A1");

        Assert.Equal((0L, 1L, 2L, 20L), (found.TableVersion, found.DefinitionVersion, found.SourceVersion, found.SourceRows));
        Assert.Equal([("n", "count(*)", "20"), ("late", "count(*) FILTER (WHERE delay > 4)", "12"), ("share", "late / n", "0.6"), ("q", "quantile_cont(delay, 0.5)", "5.5")],
            found.Measures.Select(measure => (measure.Name, measure.Sql, measure.Value!)));
        Assert.Equal([(0L, 10L), (2L, 10L)], found.SourceFiles.Select(file => (file.Version!.Value, file.Rows)));
        Assert.Equal(
            [new ExplainedBatch("batch-a", 10, "/api/v1/receipts/batch-a"), new ExplainedBatch("batch-c", 10, "/api/v1/receipts/batch-c")], found.Batches);
        Assert.Equal([("month", "2001-01-01")], found.Partition!.Select(value => (value.Key, value.Value!)));
        Assert.Single(found.MartFiles);
        Assert.Contains("GROUP BY", found.Sql, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Null_is_a_value_like_others()
    {
        var found = await ExplainAsync("2001-03-01", null);

        Assert.Null(found.Group["origin"]);
        Assert.Equal(["batch-b"], found.Batches.Select(batch => batch.Batch));
    }

    [Theory]
    [InlineData("2001-02-01", "A1", "RowNotFound")]
    [InlineData("once", "A1", "InvalidGroup")]
    public async Task What_is_no_row_is_refused(string month, string origin, string code) =>
        Assert.Equal(code, (await Assert.ThrowsAsync<TerminalException>(() => ExplainAsync(month, origin))).Code);

    /// <summary>Of each origin as many rows as it has delays but 3.</summary>
    private static string Rows(int month, string batch) =>
        $"""
        SELECT DATE '2001-{month:00}-05' + (range % 9)::INTEGER AS day, CASE WHEN range % 3 > 0 THEN 'A' || (range % 3) END AS origin, (range % 11)::INTEGER AS delay, 'batch-{batch}' AS _batch
        FROM range(33)
        """;

    private Task<MartExplanation> ExplainAsync(string month, string? origin)
    {
        var explainer = new MartExplainer(
            new MartSources(_bed.Catalog, new TableCatalog(_bed.Catalog), _bed.Tables), _bed.Tables, _bed.Sql.Engine, _bed.Sql.Inspector, new TableLineage(_bed.Tables));
        return explainer.ExplainAsync(MartBed.Mart, new Dictionary<string, string?> { ["month"] = month, ["origin"] = origin }, Token);
    }
}
