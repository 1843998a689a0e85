using DataPlatform.Failures;
using DataPlatform.Operations;
using DataPlatform.Processing.Lineage;

namespace DataPlatform.Platform.Tests.Processing.Lineage;

public sealed class ReceiptWaiterTests
{
    private const string Enrich = """{ "name": "enrich", "target": "fact", "sql": "SELECT f.*, a.state FROM new.flights f LEFT JOIN airports a ON a.iata = f.origin" }""";
    private const string Late = """{ "name": "late", "target": "late", "sql": "SELECT * FROM new.fact WHERE id >= 100" }""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_batch_is_followed_over_two_pipelines_into_a_mart()
    {
        await using var bed = await ChainAsync();
        await bed.IngestAsync("flights", "id,origin\n100,A\n");
        await RunAllAsync(bed);
        var receipt = await bed.IngestAsync("flights", "id,origin\n101,A\n");

        var before = await WaitAsync(bed, receipt, "mart:by_origin");
        var first = await bed.RunAsync("p");
        var half = await WaitAsync(bed, receipt, "mart:by_origin");
        var second = await bed.RunAsync("q");
        var refresh = await bed.RefreshAsync("by_origin");
        await bed.IngestAsync("flights", "id,origin\n102,A\n");
        await RunAllAsync(bed);
        var there = await WaitAsync(bed, receipt, "mart:by_origin");

        Assert.Equal(("committed", false, "mart:by_origin"), (before.Stage, before.Reached, before.Target));
        Assert.Equal("flights Contained 1, fact Waiting, late Waiting, by_origin Waiting", Text(before));
        Assert.Equal(("table:fact", false), (half.Stage, half.Reached));
        Assert.Equal("flights Contained 1, fact Contained 1, late Waiting, by_origin Waiting", Text(half));
        Assert.Equal(("mart:by_origin", true), (there.Stage, there.Reached));
        Assert.Equal("flights Contained 1, fact Contained 1, late Contained 1, by_origin Contained 1", Text(there));
        Assert.Equal([null, first.Id, second.Id, refresh.Id], there.Tables.Select(stage => stage.Run));
        Assert.Equal([null, "p/enrich", "q/late", null], there.Tables.Select(stage => stage.Pipeline is null ? null : $"{stage.Pipeline}/{stage.Step}"));
    }

    [Fact]
    public async Task Without_a_target_all_that_comes_from_the_dataset_is_told()
    {
        await using var bed = await ChainAsync();
        var receipt = await bed.IngestAsync("flights", "id,origin\n100,A\n");
        await bed.RunAsync("p");

        var trail = (await bed.Get<ReceiptWaiter>().FollowAsync(receipt, Token)).Trail!;

        Assert.Equal("flights Contained 0, fact Contained 0, late Waiting, by_origin Waiting", Text(trail));
        Assert.Null(trail.Reached);
    }

    [Fact]
    public async Task A_batch_without_good_rows_is_there_as_soon_as_all_before_it_is()
    {
        await using var bed = await ChainAsync();
        await bed.IngestAsync("flights", "id,origin\n100,A\n");
        await RunAllAsync(bed);

        var broken = await bed.IngestAsync("flights", "id,origin\nx,A\n");
        var trail = await WaitAsync(bed, broken, "mart:by_origin");

        Assert.Equal((1, 0, 1L), (broken.Quarantined, broken.Loaded, broken.TableVersion));
        Assert.Equal("flights Contained 1, fact Contained 0, late Contained 0, by_origin Contained 0", Text(trail));
        Assert.True(trail.Reached);
    }

    [Fact]
    public async Task Rows_that_a_step_filters_away_need_no_later_step()
    {
        await using var bed = await ChainAsync();
        await bed.IngestAsync("flights", "id,origin\n100,A\n");
        await RunAllAsync(bed);
        var receipt = await bed.IngestAsync("flights", "id,origin\n1,A\n");
        await bed.RunAsync("p");
        await bed.RunAsync("q");

        // The step behind had rows to read and none to write: the mart shows all there is to show of them.
        Assert.Equal("flights Contained 1, fact Contained 1, late Contained 1, by_origin Contained 0", Text(await WaitAsync(bed, receipt, "mart:by_origin")));
    }

    [Fact]
    public async Task A_batch_of_a_table_read_whole_is_there_after_a_run_that_found_nothing_new()
    {
        await using var bed = await ChainAsync();
        await bed.IngestAsync("flights", "id,origin\n100,A\n");
        await RunAllAsync(bed);
        var receipt = await bed.IngestAsync("airports", "iata,state\nB,NY\n");

        var before = await WaitAsync(bed, receipt, "table:late");
        await bed.RunAsync("p");
        var after = await WaitAsync(bed, receipt, "table:late");

        Assert.Equal("airports Contained 1, fact Waiting, late Waiting", Text(before));
        Assert.Equal("airports Contained 1, fact Contained 1, late Contained 0", Text(after));
    }

    [Fact]
    public async Task A_run_that_failed_or_is_at_work_is_told()
    {
        await using var bed = await ChainAsync();
        await bed.IngestAsync("flights", "id,origin\n100,A\n");
        await RunAllAsync(bed);
        var receipt = await bed.IngestAsync("flights", "id,origin\n101,A\n");
        await bed.PutPipelineAsync("p", Enrich.Replace("a.state FROM", "error('no') AS state FROM", StringComparison.Ordinal));

        var started = await bed.StartAsync("p");
        var running = await WaitAsync(bed, receipt, "table:fact");
        await bed.ExecuteAsync(started.Id);
        var failed = await WaitAsync(bed, receipt, "table:fact");

        Assert.Equal((TrailState.Running, started.Id), (running.Tables[1].State, running.Tables[1].Run));
        Assert.Equal((TrailState.Failed, started.Id, "p", "enrich"), (failed.Tables[1].State, failed.Tables[1].Run, failed.Tables[1].Pipeline, failed.Tables[1].Step));
        Assert.Equal("SqlError", failed.Tables[1].Error?.Code);
        Assert.Equal(("committed", false), (failed.Stage, failed.Reached));
    }

    [Fact]
    public async Task Who_waits_is_woken_by_a_commit_and_by_a_failure()
    {
        await using var bed = await ChainAsync();
        await bed.IngestAsync("flights", "id,origin\n100,A\n");
        await RunAllAsync(bed);
        var receipt = await bed.IngestAsync("flights", "id,origin\n101,A\n");

        var waiting = bed.Get<ReceiptWaiter>().WaitAsync(_ => Task.FromResult(receipt), "mart:by_origin", TimeSpan.FromSeconds(60), Token);
        Assert.False(waiting.IsCompleted);
        await RunAllAsync(bed);
        Assert.True((await waiting).Trail!.Reached);

        var next = await bed.IngestAsync("flights", "id,origin\n102,A\n");
        await bed.PutPipelineAsync("p", Enrich.Replace("a.state FROM", "error('no') AS state FROM", StringComparison.Ordinal));
        var failing = bed.Get<ReceiptWaiter>().WaitAsync(_ => Task.FromResult(next), "mart:by_origin", TimeSpan.FromSeconds(60), Token);
        await bed.RunAsync("p");
        Assert.Equal(TrailState.Failed, (await failing).Trail!.Tables[1].State);
    }

    [Fact]
    public async Task A_receipt_that_is_not_committed_is_read_again_until_it_is()
    {
        await using var bed = await ChainAsync();
        var committed = await bed.IngestAsync("flights", "id,origin\n100,A\n");
        var reads = 0;

        var receipt = await bed.Get<ReceiptWaiter>().WaitAsync(
            _ => Task.FromResult(reads++ == 0 ? committed with { State = ReceiptState.InProgress, TableVersion = null } : committed),
            "committed", TimeSpan.FromSeconds(60), Token);
        var never = await bed.Get<ReceiptWaiter>().WaitAsync(
            _ => Task.FromResult(committed with { State = ReceiptState.Abandoned, TableVersion = null }), "table:fact", TimeSpan.Zero, Token);

        Assert.Equal((2, true, "committed"), (reads, receipt.Trail!.Reached, receipt.Trail.Stage));
        Assert.Equal((false, "abandoned"), (never.Trail!.Reached, never.Trail.Stage));
    }

    [Theory]
    [InlineData("mart:other", FailureKind.Invalid, "NoPath", "table:fact (pipeline 'p'), table:late (pipeline 'q'), mart:by_origin")]
    [InlineData("table:airports", FailureKind.Invalid, "NoPath", "What comes from it")]
    [InlineData("mart:none", FailureKind.NotFound, "MartNotFound", "none")]
    [InlineData("table:none", FailureKind.NotFound, "TableNotFound", "dataset or warehouse table")]
    [InlineData("table:by_origin", FailureKind.NotFound, "TableNotFound", "mart:by_origin")]
    [InlineData("fact", FailureKind.Invalid, "InvalidQueryOption", "table:")]
    public async Task Where_it_never_comes_is_told_at_once(string wait, FailureKind kind, string code, string text)
    {
        await using var bed = await ChainAsync();
        await bed.PutMartAsync("other", "airports");
        var receipt = await bed.IngestAsync("flights", "id,origin\n100,A\n");

        var failure = await Assert.ThrowsAsync<TerminalException>(() => bed.Get<ReceiptWaiter>()
            .WaitAsync(_ => Task.FromResult(receipt), wait, TimeSpan.FromSeconds(60), Token));

        Assert.Equal((kind, code), (failure.Kind, failure.Code));
        Assert.Contains(text, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rejected_batch_is_not_waited_for()
    {
        await using var bed = await ChainAsync();
        var receipt = await bed.IngestAsync("flights", "id,origin\n100,A\n");

        var failure = await Assert.ThrowsAsync<TerminalException>(() => bed.Get<ReceiptWaiter>().WaitAsync(
            _ => Task.FromResult(receipt with { State = ReceiptState.Rejected }), "mart:by_origin", TimeSpan.FromSeconds(60), Token));

        Assert.Equal(("BatchRejected", $"/api/v1/receipts/{receipt.Id}"), (failure.Code, failure.Receipt));
    }

    [Fact]
    public async Task Definitions_that_run_in_a_circle_end()
    {
        await using var bed = await ChainAsync();
        await bed.PutPipelineAsync("q", Late.Replace("FROM new.fact", "FROM new.fact UNION ALL SELECT id, origin, state FROM new.back", StringComparison.Ordinal)
            .Replace("SELECT *", "SELECT id, origin, state", StringComparison.Ordinal));
        await bed.PutPipelineAsync("r", """{ "name": "back", "target": "back", "sql": "SELECT * FROM new.late WHERE id < 0" }""");
        var receipt = await bed.IngestAsync("flights", "id,origin\n100,A\n");
        await bed.RunAsync("p");

        Assert.Equal(false, (await WaitAsync(bed, receipt, "table:back")).Reached);
    }

    private static async Task<PipelineBed> ChainAsync()
    {
        var bed = new PipelineBed();
        await bed.PutDatasetAsync("flights", """{"name": "id", "type": "int64"}, {"name": "origin", "type": "string"}""");
        await bed.PutDatasetAsync("airports", """{"name": "iata", "type": "string"}, {"name": "state", "type": "string"}""");
        await bed.IngestAsync("airports", "iata,state\nA,TX\n");
        await bed.PutPipelineAsync("p", Enrich);
        await bed.PutPipelineAsync("q", Late);
        await bed.PutMartAsync("by_origin", "late");
        return bed;
    }

    private static async Task RunAllAsync(PipelineBed bed)
    {
        await bed.RunAsync("p");
        await bed.RunAsync("q");
        await bed.RefreshAsync("by_origin");
    }

    private static async Task<BatchTrail> WaitAsync(PipelineBed bed, Receipt receipt, string wait) =>
        (await bed.Get<ReceiptWaiter>().WaitAsync(_ => Task.FromResult(receipt), wait, TimeSpan.Zero, Token)).Trail!;

    private static string Text(BatchTrail trail) => string.Join(
        ", ", trail.Tables.Select(stage => stage.TableVersion is { } version ? $"{stage.Table} {stage.State} {version}" : $"{stage.Table} {stage.State}"));
}
