using System.Text.Json.Nodes;
using DataPlatform.Operations;
using DataPlatform.Tables;

namespace DataPlatform.Platform.Tests.Processing.Lineage;

public sealed class CommitInputsTests
{
    private const string Copy = """{ "name": "copy", "target": "fact", "sql": "SELECT f.*, a.state FROM new.flights f LEFT JOIN airports a ON a.iata = f.origin" }""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("append", "")]
    [InlineData("merge", "\"key\": [\"id\"],")]
    public async Task A_commit_names_the_tables_it_was_read_from_and_theirs(string mode, string key)
    {
        await using var bed = await FlightsAsync($$"""
            { "name": "copy", "target": "fact", "mode": "{{mode}}", {{key}} "sql": "SELECT f.*, a.state FROM new.flights f LEFT JOIN airports a ON a.iata = f.origin" },
            { "name": "daily", "target": "daily", "mode": "overwrite", "sql": "SELECT origin, count(*) AS n FROM fact GROUP BY origin" }
            """);
        await bed.PutMartAsync("by_origin", "daily");
        await bed.IngestAsync("airports", "iata,state\nA,TX\n");
        await bed.IngestAsync("flights", "id,origin\n1,A\n");
        await bed.RunAsync("p");
        await bed.IngestAsync("flights", "id,origin\n2,A\n");
        await bed.RunAsync("p");
        await bed.RefreshAsync("by_origin");

        Assert.Equal("airports 0 read 0, flights 1 read 1", await InputsAsync(bed, new TableName(TableKind.Warehouse, "fact")));
        Assert.Equal("airports 0, fact 1 read 1, flights 1", await InputsAsync(bed, new TableName(TableKind.Warehouse, "daily")));
        Assert.Equal("airports 0, daily 1 read 1, fact 1, flights 1", await InputsAsync(bed, new TableName(TableKind.Mart, "by_origin")));
    }

    [Fact]
    public async Task A_table_of_two_steps_holds_what_both_have_read()
    {
        await using var bed = await FlightsAsync(
            """{ "name": "here", "target": "fact", "sql": "SELECT * FROM new.flights WHERE origin = 'A'" }""",
            """{ "name": "there", "target": "fact", "sql": "SELECT * FROM new.flights WHERE origin <> 'A'" }""");
        await bed.IngestAsync("flights", "id,origin\n1,A\n2,B\n");
        var run = await bed.StartAsync("p");
        await bed.Activities.BeginAsync(run.Id, Token);
        await StepAsync(0);
        var first = await InputsAsync(bed, new TableName(TableKind.Warehouse, "fact"));
        await StepAsync(1);
        var second = await InputsAsync(bed, new TableName(TableKind.Warehouse, "fact"));

        Assert.Equal(("flights -1 read 0", "flights 0 read 0"), (first, second));

        async Task StepAsync(int step)
        {
            Assert.Equal(1, (await bed.Activities.PlanStepAsync(run.Id, step, Token)).Groups);
            Assert.Null((await bed.Activities.RunGroupAsync(run.Id, step, 0, Token)).Error);
            Assert.Null((await bed.Activities.CommitStepAsync(run.Id, step, Token)).Error);
        }
    }

    [Fact]
    public async Task A_step_that_is_gone_from_its_pipeline_holds_nobody_back()
    {
        await using var bed = await FlightsAsync(
            """{ "name": "here", "target": "fact", "sql": "SELECT * FROM new.flights" }""",
            """{ "name": "there", "target": "fact", "sql": "SELECT * FROM new.flights" }""");
        await bed.IngestAsync("flights", "id,origin\n1,A\n");
        await bed.RunAsync("p");
        await bed.PutPipelineAsync("p", """{ "name": "here", "target": "fact", "sql": "SELECT * FROM new.flights" }""");
        await bed.IngestAsync("flights", "id,origin\n2,A\n");
        await bed.RunAsync("p");

        Assert.Equal("flights 1 read 1", await InputsAsync(bed, new TableName(TableKind.Warehouse, "fact")));
    }

    [Fact]
    public async Task What_is_read_whole_moves_on_when_nothing_else_is_new()
    {
        await using var bed = await FlightsAsync(Copy);
        var fact = new TableName(TableKind.Warehouse, "fact");
        await bed.IngestAsync("airports", "iata,state\nA,TX\n");
        await bed.IngestAsync("flights", "id,origin\n1,A\n");
        await bed.RunAsync("p");

        await bed.RunAsync("p");
        var idle = (await bed.Tables.Get(fact).TryGetSnapshotAsync(null, Token))!.Version;
        await bed.IngestAsync("airports", "iata,state\nB,NY\n");
        var run = await bed.RunAsync("p");
        var noted = (await bed.Tables.Get(fact).TryGetSnapshotAsync(null, Token))!.Version;
        await bed.IngestAsync("airports", "iata,state\n\n");
        await bed.RunAsync("p");
        var empty = (await bed.Tables.Get(fact).TryGetSnapshotAsync(null, Token))!;

        Assert.Equal((0L, 1L, 1L), (idle, noted, empty.Version));
        Assert.Equal(RunStatus.Skipped, run.Steps[0].Status);
        Assert.Equal("airports 1 read 1, flights 0 read 0", await InputsAsync(bed, fact));
        Assert.Equal(1, empty.Rows);
    }

    [Fact]
    public async Task Other_commits_of_the_table_keep_its_inputs()
    {
        await using var bed = await FlightsAsync(Copy);
        var fact = new TableName(TableKind.Warehouse, "fact");
        await bed.IngestAsync("airports", "iata,state\nA,TX\n");
        await bed.IngestAsync("flights", "id,origin\n1,A\n");
        await bed.RunAsync("p");

        await bed.Tables.Get(fact).CommitAsync(new TableChange { Operation = "OPTIMIZE", Columns = [], DataChange = false }, Token);

        Assert.Equal(1, (await bed.Tables.Get(fact).TryGetSnapshotAsync(null, Token))!.Version);
        Assert.Equal("airports 0 read 0, flights 0 read 0", await InputsAsync(bed, fact));
    }

    private static async Task<PipelineBed> FlightsAsync(params string[] steps)
    {
        var bed = new PipelineBed();
        await bed.PutDatasetAsync("flights", """{"name": "id", "type": "int64"}, {"name": "origin", "type": "string"}""");
        await bed.PutDatasetAsync("airports", """{"name": "iata", "type": "string", "required": true}, {"name": "state", "type": "string"}""");
        await bed.PutPipelineAsync("p", string.Join(',', steps));
        return bed;
    }

    /// <summary>The newest commit's <c>inputs</c>, one text a table; all of their table ids are checked.</summary>
    private static async Task<string> InputsAsync(PipelineBed bed, TableName table)
    {
        var version = (await bed.Tables.Get(table).TryGetSnapshotAsync(null, Token))!.Version;
        JsonObject? info = null;
        await foreach (var commit in bed.Tables.Get(table).ReadCommitsAsync(version - 1, version, Token))
            info = commit.Info;
        List<string> all = [];
        foreach (var (name, input) in info!["inputs"]!.AsObject())
        {
            var kind = name is "fact" or "daily" ? TableKind.Warehouse : TableKind.Dataset;
            Assert.Equal((await bed.Tables.Get(new TableName(kind, name)).TryGetSnapshotAsync(null, Token))!.TableId, (string?)input!["tableId"]);
            all.Add(input["read"] is { } read ? $"{name} {input["version"]} read {read}" : $"{name} {input["version"]}");
        }

        return string.Join(", ", all);
    }
}
