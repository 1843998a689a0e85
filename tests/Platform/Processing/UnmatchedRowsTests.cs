using System.Text;
using DataPlatform.Catalog;
using DataPlatform.Lake;
using DataPlatform.Operations;

namespace DataPlatform.Platform.Tests.Processing;

public sealed class UnmatchedRowsTests
{
    /// <summary>Ten rows; 0 to 3 have a partner in a, of these 2 and 3 one in b through a, and every row two of its own in c.</summary>
    [Theory]
    [InlineData("SELECT s.id FROM new.src s JOIN a ON a.id = s.id", 6)]
    [InlineData("SELECT s.id FROM a INNER JOIN new.src s USING (id) WHERE s.id > 100", 6)]
    [InlineData("SELECT src.id FROM new.src JOIN a ON src.id = a.id AND a.id + 1 < 3", 8)]
    [InlineData("SELECT s.id FROM new.src s JOIN a ON a.id = s.id JOIN b ON other = a.k LEFT JOIN c ON c.id = s.id", 8)]
    [InlineData("SELECT count(*) AS n FROM new.src AS \"odd name\" JOIN c AS x ON \"odd name\".id = x.id AND x.id IN (SELECT id FROM a)", 6)]
    [InlineData("SELECT s.id FROM new.src s JOIN a ON a.id = s.id JOIN b ON b.other = a.k AND s.v LIKE '%''x' OR a.k = 21", 9)]
    [InlineData("SELECT s.id FROM new.src s LEFT JOIN a ON a.id = s.id", null)]
    [InlineData("SELECT s.id FROM new.src s, a WHERE a.id = s.id", null)]
    [InlineData("WITH w AS (FROM a) SELECT s.id FROM new.src s JOIN w ON w.id = s.id", null)]
    [InlineData("SELECT s.id FROM new.src s JOIN (SELECT id FROM a) w ON w.id = s.id", null)]
    [InlineData("SELECT id FROM new.src", null)]
    public async Task Rows_that_inner_joins_drop_are_counted_where_the_joins_tell(string sql, int? expected)
    {
        await using var bed = await BedAsync();
        await bed.PutPipelineAsync("p", $$"""{ "name": "s", "target": "fact", "sql": "{{sql.Replace("\"", "\\\"", StringComparison.Ordinal)}}" }""");

        var run = await bed.RunAsync("p");

        Assert.True(run.Status == RunStatus.Succeeded, run.Error?.Message);
        Assert.Equal(expected, run.Steps[0].RowsWithoutMatch);
    }
    [Fact]
    public async Task Partitions_count_each_row_once()
    {
        await using var bed = await BedAsync();
        await bed.PutPipelineAsync(
            "p",
            """
            { "name": "s", "target": "fact", "parallel": "keys", "splitBy": ["id"], "partitions": 3,
              "sql": "SELECT s.id, count(*) AS n FROM new.src s JOIN a ON a.id = s.id GROUP BY s.id" }
            """);

        var run = await bed.RunAsync("p");

        Assert.True(run.Status == RunStatus.Succeeded, run.Error?.Message);
        Assert.Equal((3, 6L), (run.Steps[0].Groups, run.Steps[0].RowsWithoutMatch));
    }

    [Theory]
    [InlineData("SELECT s.id FROM new.src s JOIN a ON a.id = s.id + $by")]
    [InlineData("SELECT s.id FROM new.src s JOIN a ON a.id = s.id WHERE s.id > $by")]
    public async Task SQL_with_parameters_runs_without_the_count(string sql)
    {
        await using var bed = await BedAsync();
        await bed.Get<CatalogStore>().PutAsync<PipelineDefinition>(
            "p",
            Encoding.UTF8.GetBytes($$"""
                { "parameters": [ {"name": "by", "type": "int64", "default": 1} ], "steps": [ { "name": "s", "target": "fact", "sql": "{{sql}}" } ] }
                """),
            PutCondition.None,
            TestContext.Current.CancellationToken);

        var run = await bed.RunAsync("p");

        Assert.True(run.Status == RunStatus.Succeeded, run.Error?.Message);
        Assert.True(run.Steps[0].RowsOut > 0);
        Assert.Null(run.Steps[0].RowsWithoutMatch);
    }

    private static async Task<PipelineBed> BedAsync()
    {
        var bed = new PipelineBed();
        foreach (var (name, fields, rows) in new[]
        {
            ("src", """{"name": "id", "type": "int64"}, {"name": "v", "type": "string"}""", "SELECT range AS id, 'v' AS v FROM range(10)"),
            ("a", """{"name": "id", "type": "int64"}, {"name": "k", "type": "int64"}""", "SELECT range AS id, 20 + range AS k FROM range(4)"),
            ("b", """{"name": "other", "type": "int64"}""", "SELECT 22 AS other UNION ALL SELECT 23"),
            ("c", """{"name": "id", "type": "int64"}""", "SELECT range % 10 AS id FROM range(20)"),
        })
        {
            await bed.PutDatasetAsync(name, fields);
            await bed.LoadAsync(name, rows.Replace("22 AS", "22::BIGINT AS", StringComparison.Ordinal));
        }

        return bed;
    }
}
