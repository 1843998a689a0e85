using System.Text;
using DataPlatform.Catalog;
using DataPlatform.Operations;
using DataPlatform.Processing;
using DataPlatform.Processing.Backfills;
using DataPlatform.Tables;

namespace DataPlatform.Platform.Tests.Processing;

/// <summary>Slices that are computed side by side: whatever order they are staged in, they commit in the order of the versions.</summary>
public sealed class BackfillParallelTests
{
    private const string Merge = """{ "name": "m", "target": "fact", "mode": "merge", "key": ["id"], "sql": "SELECT id, max(n) AS n FROM new.flights GROUP BY id" }""";
    private const string Append = """{ "name": "s", "target": "fact", "sql": "SELECT id, n FROM new.flights" }""";

    private static readonly TableName Fact = new(TableKind.Warehouse, "fact");
    private static readonly TableName Flights = new(TableKind.Dataset, "flights");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Merge, "10|6|6")]
    [InlineData(Append, "70|0|6")]
    public async Task Slices_staged_in_any_order_commit_in_that_of_the_versions(string step, string rows)
    {
        await using var bed = await BedAsync(step, batches: 7);
        var backfill = await CreateAsync(bed, parallelism: 3);

        var first = Assert.Single(await AdvanceAsync(bed, backfill));
        Assert.Empty(await AdvanceAsync(bed, backfill));
        await StageAsync(bed, first);
        await FinishAsync(bed, first);
        var side = await AdvanceAsync(bed, backfill);
        Assert.Equal(3, side.Count);
        foreach (var run in side.Reverse())
            await StageAsync(bed, run);

        Assert.False((await bed.Activities.TakeTurnAsync(side[2].Id, Token)).Taken);
        Assert.False((await bed.Activities.TakeTurnAsync(side[1].Id, Token)).Taken);
        await FinishAsync(bed, side[0]);
        var more = await AdvanceAsync(bed, backfill);
        Assert.Equal(2, more.Count);
        Assert.Equal(side[1].Id, more[0].Id);
        Assert.False((await bed.Activities.TakeTurnAsync(side[2].Id, Token)).Taken);
        await FinishAsync(bed, side[1]);
        await DriveAsync(bed, backfill);

        var ended = await bed.Get<BackfillStore>().GetAsync(backfill.Id, Token);
        Assert.Equal((RunStatus.Succeeded, 7, 70L), (ended.Status, ended.SlicesDone, ended.RowsDone));
        Assert.Equal([rows], await bed.QueryAsync("SELECT count(*), min(n), max(n) FROM fact", Fact));
        Assert.Equal(RunStatus.Skipped, (await bed.RunAsync("p")).Steps[0].Status);
    }

    [Fact]
    public async Task Steps_behind_others_are_planned_when_it_is_their_turn_and_slices_without_rows_are_passed()
    {
        await using var bed = await BedAsync(
            Append + """, { "name": "sum", "target": "total", "mode": "append", "sql": "SELECT id, n * 2 AS n FROM new.fact" }""", batches: 2);
        await bed.RewriteAsync(Flights, "SELECT * FROM flights", dataChange: false);
        await bed.RewriteAsync(Flights, "SELECT * FROM flights", dataChange: false);
        for (var i = 2; i < 5; i++)
            await bed.LoadAsync("flights", $"SELECT range AS id, {i} AS n FROM range(10)");
        var backfill = await CreateAsync(bed, parallelism: 4);

        await DriveAsync(bed, backfill);

        Assert.Equal(RunStatus.Succeeded, (await bed.Get<BackfillStore>().GetAsync(backfill.Id, Token)).Status);
        Assert.Equal(["50|100"], await bed.QueryAsync("SELECT count(*), sum(n) FROM fact", Fact));
        Assert.Equal(["50|200"], await bed.QueryAsync("SELECT count(*), sum(n) FROM total", new TableName(TableKind.Warehouse, "total")));
    }

    [Fact]
    public async Task Other_runs_of_the_pipeline_wait_for_the_slices_and_find_nothing_left()
    {
        await using var bed = await BedAsync(Merge, batches: 4);
        var backfill = await CreateAsync(bed, parallelism: 3);
        var first = Assert.Single(await AdvanceAsync(bed, backfill));
        await StageAsync(bed, first);
        var other = await bed.StartAsync("p", concurrency: RunConcurrency.Queue);

        Assert.True((await bed.Activities.BeginAsync(other.Id, Token)).NothingToDo);
        await FinishAsync(bed, first);
        var side = await AdvanceAsync(bed, backfill);
        Assert.True((await bed.Activities.BeginAsync(other.Id, Token)).NothingToDo);
        foreach (var run in side)
            await StageAsync(bed, run);
        Assert.True((await bed.Activities.BeginAsync(other.Id, Token)).NothingToDo);
        await DriveAsync(bed, backfill, staged: side.Select(run => run.Id));
        await bed.ExecuteAsync(other.Id);

        Assert.Equal(RunStatus.Succeeded, (await bed.Get<BackfillStore>().GetAsync(backfill.Id, Token)).Status);
        Assert.Equal(RunStatus.Skipped, (await bed.Runs.GetAsync(other.Id, Token)).Steps[0].Status);
        Assert.Equal(["10|3|3"], await bed.QueryAsync("SELECT count(*), min(n), max(n) FROM fact", Fact));
    }

    [Fact]
    public async Task What_another_run_took_meanwhile_is_not_taken_again()
    {
        await using var bed = await BedAsync(Append, batches: 4);
        var backfill = await CreateAsync(bed, parallelism: 3);
        var first = Assert.Single(await AdvanceAsync(bed, backfill));
        await StageAsync(bed, first);
        await FinishAsync(bed, first);
        var side = await AdvanceAsync(bed, backfill);
        foreach (var run in side)
            await StageAsync(bed, run);

        await bed.RunAsync("p");
        await DriveAsync(bed, backfill, staged: side.Select(run => run.Id));

        Assert.Equal(RunStatus.Succeeded, (await bed.Get<BackfillStore>().GetAsync(backfill.Id, Token)).Status);
        Assert.Equal(["40|60"], await bed.QueryAsync("SELECT count(*), sum(n) FROM fact", Fact));
    }

    [Fact]
    public async Task A_slice_that_fails_or_is_canceled_takes_those_staged_behind_it_along_and_another_backfill_reads_them()
    {
        await using var bed = await BedAsync(Merge, batches: 5);
        var backfill = await CreateAsync(bed, parallelism: 3);
        var first = Assert.Single(await AdvanceAsync(bed, backfill));
        await StageAsync(bed, first);
        await FinishAsync(bed, first);
        var side = await AdvanceAsync(bed, backfill);
        foreach (var run in side)
            await StageAsync(bed, run);

        await bed.Get<RunCancellation>().RequestAsync(side[0].Id, "bob", Token);
        var stopped = await bed.Activities.TakeTurnAsync(side[0].Id, Token);
        await bed.Activities.EndAsync(side[0].Id, stopped.Error, Token);
        await AdvanceAsync(bed, backfill);
        foreach (var run in side.Skip(1))
        {
            var behind = await bed.Activities.TakeTurnAsync(run.Id, Token);
            Assert.Equal(RunCancellation.Code, behind.Error!.Code);
            await bed.Activities.EndAsync(run.Id, behind.Error, Token);
        }

        var ended = await bed.Get<BackfillStore>().GetAsync(backfill.Id, Token);
        Assert.Equal((RunStatus.Canceled, 1), (ended.Status, ended.SlicesDone));
        Assert.Equal(RunCancellation.Code, stopped.Error!.Code);
        Assert.Equal(RunStatus.Canceled, (await bed.Runs.GetAsync(side[1].Id, Token)).Status);
        Assert.Equal(["10|0|0"], await bed.QueryAsync("SELECT count(*), min(n), max(n) FROM fact", Fact));
        await DriveAsync(bed, await CreateAsync(bed, parallelism: 2));
        Assert.Equal(["10|4|4"], await bed.QueryAsync("SELECT count(*), min(n), max(n) FROM fact", Fact));
    }

    private static async Task<PipelineBed> BedAsync(string steps, int batches)
    {
        var bed = new PipelineBed();
        await bed.PutDatasetAsync("flights", """{"name": "id", "type": "int64"}, {"name": "n", "type": "int64"}""");
        for (var i = 0; i < batches; i++)
            await bed.LoadAsync("flights", $"SELECT range AS id, {i} AS n FROM range(10)");
        await bed.PutPipelineAsync("p", steps);
        return bed;
    }

    private static Task<Backfill> CreateAsync(PipelineBed bed, int parallelism) => bed.Get<BackfillStart>().CreateAsync(
        "p", Encoding.UTF8.GetBytes($$"""{ "source": "flights", "sliceBy": 1, "parallelism": {{parallelism}} }"""), "ann", key: null, Token);

    private static Task<IReadOnlyList<Run>> AdvanceAsync(PipelineBed bed, Backfill backfill) => bed.Get<BackfillDriver>().AdvanceAsync(backfill.Id, Token);

    /// <summary>Goes on to the end; activities are executed twice, as after a crash.</summary>
    private static async Task DriveAsync(PipelineBed bed, Backfill backfill, IEnumerable<string>? staged = null)
    {
        HashSet<string> known = [.. staged ?? []];
        for (var turn = 0; turn < 20; turn++)
        {
            foreach (var run in await AdvanceAsync(bed, backfill))
            {
                if (run.Status == RunStatus.NotStarted && known.Add(run.Id))
                    await StageAsync(bed, run);
            }

            var current = await bed.Get<BackfillStore>().GetAsync(backfill.Id, Token);
            if (current.HasEnded)
                return;
            var next = await bed.Runs.GetAsync(current.Run!, Token);
            if (next.Status == RunStatus.NotStarted)
                await StageAsync(bed, next);
            await FinishAsync(bed, next);
        }
    }

    private static async Task StageAsync(PipelineBed bed, Run run)
    {
        var begun = await bed.Activities.BeginAsync(run.Id, Token);
        Assert.Equal(RunPlan.AheadCourse, begun.Course);
        for (var step = 0; step < begun.Steps; step++)
        {
            if (begun.Policies![step].Ahead)
                await WorkAsync(bed, run, step);
        }
    }

    private static async Task FinishAsync(PipelineBed bed, Run run)
    {
        var begun = await bed.Activities.BeginAsync(run.Id, Token);
        Assert.True((await bed.Activities.TakeTurnAsync(run.Id, Token)).Taken);
        RunFailure? error = null;
        for (var step = 0; step < begun.Steps && error is null; step++)
        {
            if (!begun.Policies![step].Ahead)
                await WorkAsync(bed, run, step);
            await bed.Activities.CommitStepAsync(run.Id, step, Token);
            error = (await bed.Activities.CommitStepAsync(run.Id, step, Token)).Error;
        }

        await bed.Activities.EndAsync(run.Id, error, Token);
    }

    private static async Task WorkAsync(PipelineBed bed, Run run, int step)
    {
        await bed.Activities.PlanStepAsync(run.Id, step, Token);
        var planned = await bed.Activities.PlanStepAsync(run.Id, step, Token);
        Assert.Null(planned.Error);
        for (var group = 0; group < planned.Groups; group++)
        {
            await bed.Activities.RunGroupAsync(run.Id, step, group, Token);
            Assert.Null((await bed.Activities.RunGroupAsync(run.Id, step, group, Token)).Error);
        }
    }
}
