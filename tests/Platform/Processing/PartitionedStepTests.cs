using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Operations;
using DataPlatform.Processing;
using DataPlatform.Tables;

namespace DataPlatform.Platform.Tests.Processing;

/// <summary>Steps whose targets' files are divided by columns.</summary>
public sealed class PartitionedStepTests
{
    private static readonly TableName Fact = new(TableKind.Warehouse, "fact");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("append", "")]
    [InlineData("append", ", \"parallel\": \"files\"")]
    [InlineData("append", ", \"parallel\": \"keys\", \"splitBy\": [\"id\"], \"partitions\": 3")]
    [InlineData("merge", ", \"key\": [\"id\"]")]
    [InlineData("merge", ", \"key\": [\"day\", \"id\"], \"deleteWhen\": \"v < 0\"")]
    [InlineData("append", ", \"expectations\": [ {\"name\": \"kept\", \"condition\": \"v >= 0\", \"onFail\": \"quarantine\"}, {\"name\": \"days\", \"aggregate\": \"count(DISTINCT day) > 0\", \"onFail\": \"fail\"} ]")]
    public async Task Every_mode_and_fan_out_divides_and_gives_the_rows_of_an_undivided_table(string mode, string more)
    {
        await using var divided = await BedAsync(mode, more + ", \"partitionBy\": [\"day\"]");
        await using var flat = await BedAsync(mode, more);
        for (var round = 0; round < 2; round++)
        {
            foreach (var bed in new[] { divided, flat })
            {
                await bed.LoadAsync("src", $"SELECT range AS id, DATE '2024-01-01' + (range % 4)::INTEGER AS day, {round} + range % 5 - 1 AS v FROM range({round * 10}, {(round * 10) + 20})");
                var run = await bed.RunAsync("p", times: 2);
                Assert.True(run.Status == RunStatus.Succeeded, run.Error?.Message);
            }
        }

        var snapshot = (await divided.Tables.Get(Fact).TryGetSnapshotAsync(null, Token))!;
        Assert.Equal(["day"], snapshot.PartitionColumns);
        Assert.Equal(4, snapshot.Files.Select(file => file.PartitionValues["day"]).Distinct().Count());
        Assert.All(snapshot.Files, file => Assert.StartsWith($"day={file.PartitionValues["day"]}/", file.Path, StringComparison.Ordinal));
        const string sql = "SELECT id, day, v FROM fact ORDER BY ALL";
        Assert.Equal(await flat.QueryAsync(sql, Fact), await divided.QueryAsync(sql, Fact));
    }

    [Fact]
    public async Task Another_division_stops_with_the_fix_and_a_full_refresh_takes_it()
    {
        await using var bed = await BedAsync("append", ", \"partitionBy\": [\"day\"]");
        await bed.LoadAsync("src", "SELECT range AS id, DATE '2024-01-01' AS day, 1 AS v FROM range(4)");
        await bed.RunAsync("p");
        var other = Step("append", ", \"partitionBy\": [\"id\"]");
        var definition = (await bed.Get<CatalogStore>().GetAsync<PipelineDefinition>("p", Token)).Definition;

        var refused = await Assert.ThrowsAsync<TerminalException>(() => bed.Get<StepChanges>().DecideAsync(
            definition with { Steps = [definition.Steps[0] with { PartitionBy = ["id"] }] }, decision: null, Token));
        Assert.Equal("StepChanged", refused.Code);
        Assert.Contains("divided by day", refused.Message, StringComparison.Ordinal);

        await bed.PutPipelineAsync("p", other);
        await bed.LoadAsync("src", "SELECT 9::BIGINT AS id, DATE '2024-01-02' AS day, 1 AS v");
        var failed = await bed.RunAsync("p");
        Assert.Equal("PartitionsChanged", failed.Error!.Code);
        Assert.Contains("'fullRefresh'", failed.Error.Message, StringComparison.Ordinal);

        var refresh = await bed.Runs.CreateAsync(new RunRequest(RunKind.Pipeline, "p", failed.DefinitionVersion, "tester") { FullRefresh = ["s"] }, Token);
        await bed.ExecuteAsync(refresh.Id);
        var snapshot = (await bed.Tables.Get(Fact).TryGetSnapshotAsync(null, Token))!;
        Assert.Equal(["id"], snapshot.PartitionColumns);
        Assert.Equal(5, snapshot.Files.Count);
        Assert.Equal(["5"], await bed.QueryAsync("SELECT count(*) FROM fact", Fact));
    }

    [Fact]
    public async Task An_overwrite_takes_another_division_and_the_steps_of_a_target_must_agree()
    {
        await using var bed = await BedAsync("overwrite", ", \"partitionBy\": [\"day\"]");
        await bed.LoadAsync("src", "SELECT 1::BIGINT AS id, NULL::DATE AS day, 1 AS v");
        await bed.RunAsync("p");
        Assert.Null((await bed.Tables.Get(Fact).TryGetSnapshotAsync(null, Token))!.Files[0].PartitionValues["day"]);
        await bed.PutPipelineAsync("p", Step("overwrite", ""));
        await bed.LoadAsync("src", "SELECT 2::BIGINT AS id, DATE '2024-01-02' AS day, 1 AS v");
        var run = await bed.RunAsync("p");

        Assert.True(run.Status == RunStatus.Succeeded, run.Error?.Message);
        Assert.Empty((await bed.Tables.Get(Fact).TryGetSnapshotAsync(null, Token))!.PartitionColumns);
        var error = await Assert.ThrowsAsync<TerminalException>(() => bed.PutPipelineAsync(
            "q", $"{Step("append", "")}, {Step("append", ", \"partitionBy\": [\"day\"]").Replace("\"s\"", "\"s2\"", StringComparison.Ordinal)}"));
        Assert.Contains(error.Details, detail => detail is { Code: "InvalidPartition", Target: "$.steps[1].partitionBy" });
    }

    [Theory]
    [InlineData("id", 2, "TooManyPartitions", "'id' has 3 values")]
    [InlineData("gone", 2, "InvalidPartition", "'gone'")]
    public async Task What_cannot_be_divided_ends_the_run_and_leaves_no_table(string column, int most, string code, string said)
    {
        await using var bed = await BedAsync("append", $", \"partitionBy\": [\"{column}\"]", options => options.PartitionsPerWrite = most);
        await bed.LoadAsync("src", "SELECT range AS id, DATE '2024-01-01' AS day, 1 AS v FROM range(3)");

        var run = await bed.RunAsync("p");

        Assert.Equal(code, run.Error!.Code);
        Assert.Contains(said, run.Error.Message, StringComparison.Ordinal);
        Assert.Null(await bed.Tables.Get(Fact).TryGetSnapshotAsync(null, Token));
    }

    private static async Task<PipelineBed> BedAsync(string mode, string more, Action<PlatformOptions>? configure = null)
    {
        var bed = new PipelineBed(configure: configure);
        await bed.PutDatasetAsync("src", """{"name": "id", "type": "int64"}, {"name": "day", "type": "date"}, {"name": "v", "type": "int64"}""");
        await bed.PutPipelineAsync("p", Step(mode, more));
        return bed;
    }

    private static string Step(string mode, string more) => $$"""{ "name": "s", "target": "fact", "mode": "{{mode}}"{{more}}, "sql": "SELECT id, day, v FROM new.src" }""";
}
