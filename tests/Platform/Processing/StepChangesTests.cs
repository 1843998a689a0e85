using System.Text;
using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Operations;
using DataPlatform.Processing;
using DataPlatform.Tables;

namespace DataPlatform.Platform.Tests.Processing;

public sealed class StepChangesTests
{
    private const string Copy = """{ "name": "s", "target": "fact", "sql": "SELECT id, v FROM new.src" }""";

    private static readonly TableName Fact = new(TableKind.Warehouse, "fact");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("""{ "name": "s", "target": "fact", "sql": "SELECT id, v + 1 AS v FROM new.src" }""", "its SQL, mode, key or delete condition is changed")]
    [InlineData("""{ "name": "s", "target": "fact", "sql": "SELECT id, v FROM new.src", "mode": "merge", "key": ["id"] }""", "is changed")]
    [InlineData("""{ "name": "renamed", "target": "fact", "sql": "SELECT id, v FROM new.src" }""", "rows of the step 's', which is no more")]
    public async Task A_change_of_a_step_whose_rows_are_there_needs_a_decision(string changed, string message)
    {
        await using var bed = await BedAsync();
        await bed.RunAsync("p");

        var failure = await Assert.ThrowsAsync<TerminalException>(() => DecideAsync(bed, changed, decision: null));

        Assert.Equal(("StepChanged", FailureKind.Conflict), (failure.Code, failure.Kind));
        Assert.Contains(message, failure.Message, StringComparison.Ordinal);
        Assert.Equal("$.steps[0]", Assert.Single(failure.Details).Target);
        await DecideAsync(bed, changed, StepChange.Continue);
    }

    [Theory]
    [InlineData("""{ "name": "s", "target": "fact", "sql": " SELECT id, v FROM new.src;", "expectations": [{"name": "e", "condition": "v > 0"}] }""")]
    [InlineData("""{ "name": "s", "target": "other", "sql": "SELECT id FROM new.src" }""")]
    [InlineData("""{ "name": "s", "target": "fact", "mode": "overwrite", "sql": "SELECT v FROM src" }""")]
    public async Task What_changes_no_rows_that_are_there_needs_none(string changed)
    {
        await using var bed = await BedAsync();
        await bed.RunAsync("p");

        await DecideAsync(bed, changed, decision: null);
    }

    [Fact]
    public async Task A_step_that_has_written_nothing_is_changed_freely_and_a_definition_that_comes_back_too()
    {
        await using var bed = await BedAsync();
        const string other = """{ "name": "s", "target": "fact", "sql": "SELECT id FROM new.src" }""";
        await DecideAsync(bed, other, decision: null);
        await bed.RunAsync("p");
        await DecideAsync(bed, other, StepChange.Continue);
        await bed.PutPipelineAsync("p", other);

        await DecideAsync(bed, Copy, decision: null);
    }

    [Fact]
    public async Task What_was_decided_for_a_step_with_parameters_is_not_asked_again_unless_their_types_change()
    {
        await using var bed = await BedAsync();
        await bed.RunAsync("p");
        const string document = """{ "parameters": [ {"name": "n", "type": "TYPE", "default": 1} ], "steps": [ { "name": "s", "target": "fact", "sql": "SELECT id, v + $n AS v FROM new.src" } ] }""";
        var whole = document.Replace("TYPE", "int64", StringComparison.Ordinal);
        await DecideDocumentAsync(bed, whole, StepChange.Continue);
        await bed.Get<CatalogStore>().PutAsync<PipelineDefinition>("p", Encoding.UTF8.GetBytes(whole), DataPlatform.Lake.PutCondition.None, Token);

        await DecideDocumentAsync(bed, whole, decision: null);
        var failure = await Assert.ThrowsAsync<TerminalException>(
            () => DecideDocumentAsync(bed, document.Replace("TYPE", "float64", StringComparison.Ordinal), decision: null));

        Assert.Equal("StepChanged", failure.Code);
    }

    [Fact]
    public async Task A_changed_step_is_refreshed_by_the_next_run_once_and_in_one_commit()
    {
        await using var bed = await BedAsync();
        await bed.RunAsync("p");
        const string changed = """{ "name": "s", "target": "fact", "sql": "SELECT id::VARCHAR AS id, v * 10 AS w FROM new.src" }""";
        await DecideAsync(bed, changed, StepChange.FullRefresh);
        await bed.PutPipelineAsync("p", changed);
        await bed.LoadAsync("src", "SELECT 10::INTEGER AS id, 10::INTEGER AS v");

        var refreshed = await bed.RunAsync("p", times: 2);
        await bed.LoadAsync("src", "SELECT 11::INTEGER AS id, 11::INTEGER AS v");
        var after = await bed.RunAsync("p");

        Assert.True(refreshed.Error is null, refreshed.Error?.Message);
        Assert.Equal((true, 11L, 1L), (refreshed.Steps[0].FullRefresh, refreshed.Steps[0].RowsOut, refreshed.Steps[0].TableVersion));
        Assert.Equal((false, 1L), (after.Steps[0].FullRefresh, after.Steps[0].RowsOut));
        Assert.Equal(["12|660|VARCHAR"], await bed.QueryAsync("SELECT count(*), sum(w), any_value(typeof(id)) FROM fact", Fact));
    }

    [Fact]
    public async Task Continue_takes_back_a_refresh_that_was_asked_for()
    {
        await using var bed = await BedAsync();
        await bed.RunAsync("p");
        const string changed = """{ "name": "s", "target": "fact", "sql": "SELECT id, v * 10 AS v FROM new.src" }""";
        await DecideAsync(bed, changed, StepChange.FullRefresh);
        await DecideAsync(bed, changed, StepChange.Continue);
        await bed.PutPipelineAsync("p", changed);
        await bed.LoadAsync("src", "SELECT 10::INTEGER AS id, 10::INTEGER AS v");

        await bed.RunAsync("p");

        Assert.Equal(["11|145"], await bed.QueryAsync("SELECT count(*), sum(v) FROM fact", Fact));
    }

    [Fact]
    public async Task Steps_that_share_a_target_are_refreshed_together_and_readers_follow_their_own_rule()
    {
        const string two = """
            { "name": "t", "target": "fact", "sql": "SELECT id + 1000 AS id, v FROM new.src" },
            { "name": "reader", "target": "seen", "sql": "SELECT id FROM new.fact" }
            """;
        await using var bed = await BedAsync($"{Copy}, {two}");
        Assert.Null((await bed.RunAsync("p")).Error);
        var changed = $$"""{ "name": "s", "target": "fact", "sql": "SELECT id, -v AS v FROM new.src" }, {{two}}""";
        await DecideAsync(bed, changed, StepChange.FullRefresh);
        await bed.PutPipelineAsync("p", changed);
        await bed.LoadAsync("src", "SELECT 10::INTEGER AS id, 10::INTEGER AS v");

        var run = await bed.RunAsync("p", times: 2);

        Assert.Equal([RunStatus.Succeeded, RunStatus.Succeeded], run.Steps.Take(2).Select(step => step.Status));
        Assert.Equal("SourceRowsRemoved", run.Error!.Code);
        Assert.Equal(["22|0|10110"], await bed.QueryAsync("SELECT count(*), sum(v), sum(id) - 1000 FROM fact", Fact));
    }

    private static Task DecideAsync(PipelineBed bed, string steps, StepChange? decision) => DecideDocumentAsync(bed, $$"""{ "steps": [ {{steps}} ] }""", decision);

    private static Task DecideDocumentAsync(PipelineBed bed, string document, StepChange? decision) =>
        bed.Get<StepChanges>().DecideAsync(DefinitionParser.Parse<PipelineDefinition>(Encoding.UTF8.GetBytes(document), "p"), decision, Token);

    private static async Task<PipelineBed> BedAsync(string steps = Copy)
    {
        var bed = new PipelineBed();
        await bed.PutDatasetAsync("src", """{"name": "id", "type": "int32"}, {"name": "v", "type": "int32"}""");
        await bed.PutPipelineAsync("p", steps);
        await bed.LoadAsync("src", "SELECT range::INTEGER AS id, range::INTEGER AS v FROM range(10)");
        return bed;
    }
}
