using DataPlatform.Operations;
using DataPlatform.Platform.Tests.Sql;
using DataPlatform.Sql;
using DataPlatform.Tables;

namespace DataPlatform.Platform.Tests.Processing;

/// <summary>What a step does when its result has other columns than its target.</summary>
public sealed class SchemaEvolutionTests
{
    private static readonly TableName Fact = new(TableKind.Warehouse, "fact");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("append", "", "1|NULL,2|NULL,3|x")]
    [InlineData("merge", ", \"key\": [\"id\"]", "1|NULL,2|NULL,3|x")]
    [InlineData("overwrite", "", "3|x")]
    public async Task A_new_column_is_null_in_rows_of_before_and_unknown_to_older_versions(string mode, string key, string expected)
    {
        await using var bed = await BedAsync(mode, key, "SELECT id FROM new.numbers");
        await bed.LoadAsync("numbers", "SELECT range + 1 AS id FROM range(2)");
        await bed.RunAsync("p");
        await PutAsync(bed, mode, key, "SELECT id, 'x' AS note FROM new.numbers");
        await bed.LoadAsync("numbers", "SELECT 3::BIGINT AS id");

        var run = await bed.RunAsync("p");

        Assert.Equal(RunStatus.Succeeded, run.Status);
        Assert.Equal(expected.Split(','), await bed.QueryAsync("SELECT id, note FROM fact ORDER BY id", Fact));
        Assert.Equal(["id"], (await bed.Tables.Get(Fact).TryGetSnapshotAsync(0, Token))!.Columns.Select(column => column.Name));
        Assert.Equal(["1", "2"], await RowsAtAsync(bed, 0));
    }

    [Theory]
    [InlineData("append", "")]
    [InlineData("merge", ", \"key\": [\"id\"]")]
    public async Task A_narrower_type_is_written_in_that_of_the_table(string mode, string key)
    {
        await using var bed = await BedAsync(mode, key, "SELECT id, 3000000000 AS n, 1.5::DOUBLE AS d, 1.25::DECIMAL(12,4) AS c FROM new.numbers");
        await bed.LoadAsync("numbers", "SELECT 1::BIGINT AS id");
        await bed.RunAsync("p");
        await PutAsync(bed, mode, key, "SELECT id::INTEGER AS id, 7::SMALLINT AS n, 2::INTEGER AS d, 3.5::DECIMAL(4,1) AS c FROM new.numbers");
        await bed.LoadAsync("numbers", "SELECT 2::BIGINT AS id");

        var run = await bed.RunAsync("p");

        Assert.Equal(RunStatus.Succeeded, run.Status);
        Assert.Equal(["1|3000000000|1.5|1.2500", "2|7|2.0|3.5000"], await bed.QueryAsync("SELECT * FROM fact ORDER BY id", Fact));
        var snapshot = (await bed.Tables.Get(Fact).TryGetSnapshotAsync(null, Token))!;
        Assert.Equal(["long", "long", "double", "decimal(12,4)"], snapshot.Columns.Select(column => column.Type));
        Assert.Equal(["BIGINT|BIGINT|DOUBLE|DECIMAL(12,4)"], await TypesAsync(bed, snapshot));
    }

    [Theory]
    [InlineData("append", "")]
    [InlineData("merge", ", \"key\": [\"id\"]")]
    public async Task A_wider_type_fails_the_step_with_the_fix_and_a_full_refresh_takes_it(string mode, string key)
    {
        await using var bed = await BedAsync(mode, key, "SELECT id, 1::INTEGER AS n FROM new.numbers");
        await bed.LoadAsync("numbers", "SELECT 1::BIGINT AS id");
        await bed.RunAsync("p");
        await PutAsync(bed, mode, key, "SELECT id, 3000000000 AS n FROM new.numbers");
        await bed.LoadAsync("numbers", "SELECT 2::BIGINT AS id");

        var failed = await bed.RunAsync("p");

        Assert.Equal(RunStatus.Failed, failed.Status);
        Assert.Equal("SchemaMismatch", failed.Error!.Code);
        Assert.Contains("run it with 'fullRefresh'", failed.Error.Message, StringComparison.Ordinal);
        Assert.Equal(["1|1"], await bed.QueryAsync("SELECT * FROM fact", Fact));

        var refresh = await bed.Runs.CreateAsync(
            new RunRequest(RunKind.Pipeline, "p", failed.DefinitionVersion, "tester") { FullRefresh = ["s"] }, Token);
        await bed.ExecuteAsync(refresh.Id);
        Assert.Equal(RunStatus.Succeeded, (await bed.Runs.GetAsync(refresh.Id, Token)).Status);

        var snapshot = (await bed.Tables.Get(Fact).TryGetSnapshotAsync(null, Token))!;
        Assert.Equal(["long", "long"], snapshot.Columns.Select(column => column.Type));
        Assert.Equal(["1|3000000000", "2|3000000000"], await bed.QueryAsync("SELECT * FROM fact ORDER BY id", Fact));
        Assert.Equal(["BIGINT|BIGINT"], await TypesAsync(bed, snapshot));
    }

    [Fact]
    public async Task New_rows_from_before_and_after_a_replacement_with_wider_types_keep_their_values()
    {
        await using var bed = await BedAsync("append", ", \"onSourceChange\": \"skip\"", "SELECT id, v FROM new.numbers");
        await bed.LoadAsync("numbers", "SELECT 1::BIGINT AS id, 0::INTEGER AS v");
        await bed.PutPipelineAsync("p", Step("append", ", \"onSourceChange\": \"skip\"", "SELECT id, v::DOUBLE AS v FROM new.numbers"));
        await bed.RunAsync("p");
        await bed.LoadAsync("numbers", "SELECT 2::BIGINT AS id, 1::INTEGER AS v");
        await bed.LoadAsync("numbers", "SELECT 1::BIGINT AS id, 0.5::DOUBLE AS v", replace: true);
        await bed.LoadAsync("numbers", "SELECT 3::BIGINT AS id, 1.5::DOUBLE AS v");

        var run = await bed.RunAsync("p");

        Assert.Equal(RunStatus.Succeeded, run.Status);
        Assert.Contains("3|1.5", await bed.QueryAsync("SELECT id, v FROM fact ORDER BY id", Fact));
    }

    private static async Task<PipelineBed> BedAsync(string mode, string more, string sql)
    {
        var bed = new PipelineBed();
        await bed.PutDatasetAsync("numbers", """{"name": "id", "type": "int64"}""");
        await PutAsync(bed, mode, more, sql);
        return bed;
    }

    private static Task PutAsync(PipelineBed bed, string mode, string more, string sql) => bed.PutPipelineAsync("p", Step(mode, more, sql));

    private static string Step(string mode, string more, string sql) => $$"""{ "name": "s", "target": "fact", "mode": "{{mode}}"{{more}}, "sql": "{{sql}}" }""";

    private static async Task<IReadOnlyList<string>> RowsAtAsync(PipelineBed bed, long version)
    {
        await using var session = await bed.Get<SqlEngine>().OpenAsync(Token);
        await session.MountAsync("fact", (await bed.Tables.Get(Fact).TryGetSnapshotAsync(version, Token))!, options: null, Token);
        return await SqlBed.RowsAsync(session, "SELECT * FROM fact ORDER BY id");
    }

    /// <summary>The types that files have, each way they differ.</summary>
    private static async Task<IReadOnlyList<string>> TypesAsync(PipelineBed bed, Snapshot snapshot)
    {
        List<string> types = [];
        await using var session = await bed.Get<SqlEngine>().OpenAsync(Token);
        foreach (var file in await session.LeaseAsync(Fact, snapshot.Files, Token))
            types.Add(string.Join('|', (await session.DescribeAsync($"SELECT * FROM read_parquet({SqlText.Files([file])})", Token)).Select(column => column.Type)));
        return [.. types.Distinct()];
    }
}
