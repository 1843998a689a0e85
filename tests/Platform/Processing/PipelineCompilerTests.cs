using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Processing;

namespace DataPlatform.Platform.Tests.Processing;

public sealed class PipelineCompilerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task All_mistakes_are_told_at_once_with_their_places()
    {
        await using var bed = new PipelineBed();
        await bed.PutDatasetAsync("flights", """{"name": "id", "type": "int64"}""");

        var error = await Assert.ThrowsAsync<TerminalException>(() => CompileAsync(
            bed,
            new StepDefinition { Name = "a", Target = "t1", Sql = "SELECT * FROM nowhere" },
            new StepDefinition { Name = "b", Target = "t2", Sql = "SELEC 1" },
            new StepDefinition { Name = "c", Target = "t3", Sql = "SELECT * FROM new.flights x JOIN new.flights y USING (id)" },
            new StepDefinition { Name = "d", Target = "t4", Sql = "SELECT count(*) AS n FROM new.flights", Parallel = StepParallelism.Files },
            new StepDefinition { Name = "e", Target = "t5", Sql = "SELECT * FROM t5" },
            new StepDefinition { Name = "f", Target = "t6", Sql = "SELECT 1 AS a", Expectations = [new("x", "a > (SELECT 1 FROM flights)")] },
            new StepDefinition { Name = "g", Target = "t7", Sql = "SELECT * FROM read_csv('/etc/passwd')" }));

        Assert.Equal(
            [
                ("TableNotFound", "$.steps[0].sql"), ("InvalidSql", "$.steps[1].sql"), ("ManyNewSources", "$.steps[2].sql"),
                ("NotParallel", "$.steps[3].parallel"), ("StepCycle", "$.steps[4].sql"), ("InvalidSql", "$.steps[5].expectations[0].condition"),
                ("InvalidSql", "$.steps[6].sql"),
            ],
            error.Details.Select(detail => (detail.Code, detail.Target)));
        Assert.Contains("one twice at line 1, column 34:", error.Details[2].Message, StringComparison.Ordinal);
        Assert.Contains("7 mistakes", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Steps_that_read_one_another_in_a_circle_are_refused()
    {
        await using var bed = new PipelineBed();

        var error = await Assert.ThrowsAsync<TerminalException>(() => CompileAsync(
            bed,
            new StepDefinition { Name = "a", Target = "t1", Sql = "SELECT * FROM t2" },
            new StepDefinition { Name = "b", Target = "t2", Sql = "SELECT * FROM new.t1" },
            new StepDefinition { Name = "c", Target = "t3", Sql = "SELECT 1 AS one" }));

        Assert.Equal("StepCycle", Assert.Single(error.Details).Code);
        Assert.Contains("'a', 'b'", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(StepMode.Append, StepMode.Append)]
    [InlineData(StepMode.Overwrite, StepMode.Append, "$.steps[0].target")]
    [InlineData(StepMode.Append, StepMode.Overwrite, "$.steps[1].target")]
    [InlineData(StepMode.Overwrite, StepMode.Overwrite, "$.steps[1].target")]
    public async Task Who_overwrites_a_table_is_the_only_one_to_write_it(StepMode first, StepMode second, params string[] places)
    {
        await using var bed = new PipelineBed();
        var compile = () => CompileAsync(
            bed,
            new StepDefinition { Name = "a", Target = "t", Sql = "SELECT 1 AS one", Mode = first },
            new StepDefinition { Name = "b", Target = "t", Sql = "SELECT 1 AS one", Mode = second });

        if (places.Length == 0)
            Assert.Equal(2, (await compile()).Steps.Count);
        else
            Assert.Equal(places, (await Assert.ThrowsAsync<TerminalException>(compile)).Details.Select(detail => detail.Target));
    }

    private static Task<CompiledPipeline> CompileAsync(PipelineBed bed, params StepDefinition[] steps) =>
        bed.Get<PipelineCompiler>().CompileAsync(new PipelineDefinition { Name = "p", Steps = steps }, Token);
}
