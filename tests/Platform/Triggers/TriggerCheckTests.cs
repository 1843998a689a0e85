using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.TestKit;
using DataPlatform.Triggers;

namespace DataPlatform.Platform.Tests.Triggers;

/// <summary>What is refused when a definition with triggers is put.</summary>
public sealed class TriggerCheckTests(AzuriteFixture azurite) : TriggerTest(azurite)
{
    [Fact]
    public async Task A_pipeline_that_would_start_itself_is_refused_with_the_way()
    {
        var bed = await ProcessAsync();

        var refused = await RefusedAsync(bed, Pipeline("a", "t", new TriggerDefinition { OnChange = ["t"] }));

        Assert.Equal(("TriggerCycle", "$.triggers"), (refused.Details[0].Code, refused.Details[0].Target));
        Assert.Contains("pipeline 'a' writes 't', whose change starts pipeline 'a'", refused.Message, StringComparison.Ordinal);
        await CheckAsync(bed, Pipeline("a", "t", new TriggerDefinition { OnChange = ["t"], Enabled = false }));
    }

    [Fact]
    public async Task A_circle_over_pipelines_and_marts_is_refused_with_the_way()
    {
        var bed = await ProcessAsync();
        await bed.PutPipelineAsync("b", """{"after": ["a"]}""", steps: """ "steps": [ {"name": "s", "target": "u", "sql": "SELECT 1"} ] """);
        await bed.PutMartAsync("m", "u", """{"onChange": ["u"]}""");

        var refused = await RefusedAsync(bed, Pipeline("a", "t", new TriggerDefinition { OnChange = ["m"] }));

        Assert.Contains(
            "pipeline 'a' whose end starts pipeline 'b' writes 'u', whose change starts mart 'm' whose change starts pipeline 'a'",
            refused.Message,
            StringComparison.Ordinal);
        await CheckAsync(bed, Pipeline("c", "t", new TriggerDefinition { OnChange = ["m"] }));
    }

    [Fact]
    public async Task Names_that_are_not_there_are_told_with_their_places()
    {
        var bed = await ProcessAsync();
        await bed.PutDatasetAsync("flights");

        var refused = await RefusedAsync(
            bed, Pipeline("a", "t", new TriggerDefinition { OnChange = ["flights", "fligths"] }, new TriggerDefinition { After = ["nobody"] }));

        Assert.Equal(
            [("TableNotFound", "$.triggers[0].onChange[1]"), ("PipelineNotFound", "$.triggers[1].after[0]")],
            refused.Details.Select(detail => (detail.Code, detail.Target!)));
    }

    private static PipelineDefinition Pipeline(string name, string target, params TriggerDefinition[] triggers) => new()
    {
        Name = name,
        Steps = [new StepDefinition { Name = "s", Target = target, Sql = "SELECT 1" }],
        Triggers = triggers,
    };

    private static Task CheckAsync(TriggerBed bed, PipelineDefinition pipeline) => bed.Get<TriggerCheck>().CheckAsync(pipeline, Token);

    private static Task<TerminalException> RefusedAsync(TriggerBed bed, PipelineDefinition pipeline) =>
        Assert.ThrowsAsync<TerminalException>(() => CheckAsync(bed, pipeline));
}
