using DataPlatform.Failures;
using DataPlatform.Lake;
using DataPlatform.Operations;
using DataPlatform.Processing;
using DataPlatform.Tables;
using DataPlatform.Tables.Maintenance;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace DataPlatform.Platform.Tests.Processing;

/// <summary>Runs that are canceled, gone on with, told and held.</summary>
public sealed class RunControlTests
{
    private const string Copy = """{ "name": "copy", "target": "fact", "sql": "SELECT * FROM new.flights" }""";

    private const string Count = """{ "name": "count", "target": "daily", "mode": "overwrite", "sql": "SELECT count(*) AS n FROM fact WHERE origin NOT IN (SELECT name FROM banned)" }""";

    private static readonly TableName Flights = new(TableKind.Dataset, "flights");
    private static readonly TableName Fact = new(TableKind.Warehouse, "fact");
    private static readonly TableName Daily = new(TableKind.Warehouse, "daily");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_run_that_waits_is_canceled_at_once_and_never_begins()
    {
        await using var bed = await BedAsync(Copy);
        var run = await bed.StartAsync("p");

        var canceled = await Cancellation(bed).RequestAsync(run.Id, "bob", Token);
        var again = await Cancellation(bed).RequestAsync(run.Id, "carl", Token);
        await bed.ExecuteAsync(run.Id);

        Assert.Equal((RunStatus.Canceled, "RunCanceled"), (canceled.Status, canceled.Error!.Code));
        Assert.Equal("bob", again.CancelRequested!.Caller);
        Assert.Equal(RunStatus.Canceled, (await bed.Runs.GetAsync(run.Id, Token)).Status);
        Assert.Null(await bed.Tables.Get(Fact).TryGetSnapshotAsync(version: null, Token));
    }

    [Fact]
    public async Task A_run_under_way_ends_canceled_and_says_what_it_committed()
    {
        await using var bed = await BedAsync(Copy, Count);
        var run = await bed.StartAsync("p");
        await bed.Activities.BeginAsync(run.Id, Token);
        await StepAsync(bed, run.Id, 0);

        Assert.False((await Cancellation(bed).RequestAsync(run.Id, "bob", Token)).HasEnded);
        await bed.ExecuteAsync(run.Id);

        var ended = await bed.Runs.GetAsync(run.Id, Token);
        Assert.Equal((RunStatus.Canceled, RunStatus.Succeeded, RunStatus.Canceled), (ended.Status, ended.Steps[0].Status, ended.Steps[1].Status));
        Assert.Equal("The run was canceled by 'bob'. Committed before, and kept: 'copy'.", ended.Error!.Message);
        Assert.Equal(["10"], await bed.QueryAsync("SELECT count(*) FROM fact", Fact));
        Assert.Null(await bed.Tables.Get(Daily).TryGetSnapshotAsync(version: null, Token));
        var late = await Assert.ThrowsAsync<TerminalException>(async () => await Cancellation(bed).RequestAsync((await bed.RunAsync("p")).Id, "bob", Token));
        Assert.Equal("RunHasEnded", late.Code);
    }

    [Fact]
    public async Task A_commit_that_has_begun_is_brought_to_its_end_and_one_that_has_not_never_begins()
    {
        await using var bed = await BedAsync(Copy, Count);
        var run = await bed.StartAsync("p");
        await bed.Activities.BeginAsync(run.Id, Token);
        await bed.Activities.PlanStepAsync(run.Id, 0, Token);
        await bed.Activities.RunGroupAsync(run.Id, 0, 0, Token);

        await Cancellation(bed).BeginCommitAsync(run.Id, 0, Token);
        await Cancellation(bed).RequestAsync(run.Id, "bob", Token);

        Assert.Null((await bed.Activities.CommitStepAsync(run.Id, 0, Token)).Error);
        Assert.Equal("RunCanceled", (await bed.Activities.PlanStepAsync(run.Id, 1, Token)).Error!.Code);
        Assert.Equal("RunCanceled", (await bed.Activities.CommitStepAsync(run.Id, 1, Token)).Error!.Code);
        Assert.Equal(["10"], await bed.QueryAsync("SELECT count(*) FROM fact", Fact));
    }

    [Fact]
    public async Task Work_is_broken_off_when_its_run_is_canceled_meanwhile()
    {
        await using var bed = await BedAsync(Copy);
        var run = await bed.StartAsync("p");
        await bed.Activities.BeginAsync(run.Id, Token);
        var begun = new TaskCompletionSource();

        var work = Cancellation(bed).WorkAsync(
            run.Id,
            async stop =>
            {
                begun.SetResult();
                await Task.Delay(Timeout.Infinite, stop);
            },
            Token);
        await begun.Task;
        await Cancellation(bed).RequestAsync(run.Id, "bob", Token);

        Assert.Equal("RunCanceled", (await Assert.ThrowsAsync<TerminalException>(() => work)).Code);
    }

    [Fact]
    public async Task A_retry_takes_over_what_was_done_and_reads_the_same_versions()
    {
        await using var bed = await BedAsync(Copy, Count.Replace("\"sql\"", "\"expectations\": [ {\"name\": \"some\", \"condition\": \"n > 100\", \"onFail\": \"fail\"} ], \"sql\"", StringComparison.Ordinal));
        var failed = await bed.RunAsync("p");
        Assert.Equal("ExpectationFailed", failed.Error!.Code);
        await bed.LoadAsync("flights", "SELECT range AS id, 'A' AS origin FROM range(10, 200)");
        await bed.LoadAsync("banned", "SELECT 'A' AS name");

        var retry = await RetryAsync(bed, failed);

        Assert.Equal((RunStatus.Failed, "ExpectationFailed", failed.Id), (retry.Status, retry.Error!.Code, retry.Parent));
        Assert.Equal(failed.Pinned, retry.Pinned);
        Assert.Equal((RunStatus.Succeeded, failed.Id, 10L, 0L), (retry.Steps[0].Status, retry.Steps[0].TakenFrom, retry.Steps[0].RowsOut, retry.Steps[0].TableVersion));
        Assert.Equal(RunStatus.Failed, retry.Steps[1].Status);
        Assert.Equal(failed.Steps[1].Inputs, retry.Steps[1].Inputs);
        Assert.Equal(["10"], await bed.QueryAsync("SELECT count(*) FROM fact", Fact));
        var log = await bed.Get<RunLog>().ReadAsync(retry.Id, Token);
        Assert.Contains(log, entry => entry is { Event: RunEvent.StepCommitted, Step: "copy" } && entry.Message.Contains(failed.Id, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_canceled_run_is_gone_on_with_and_every_activity_executed_three_times_changes_nothing()
    {
        await using var bed = await BedAsync(Copy, Count);
        var run = await bed.StartAsync("p");
        await bed.Activities.BeginAsync(run.Id, Token);
        await StepAsync(bed, run.Id, 0);
        await Cancellation(bed).RequestAsync(run.Id, "bob", Token);
        await bed.ExecuteAsync(run.Id);

        var retry = await RetryAsync(bed, await bed.Runs.GetAsync(run.Id, Token), times: 3);
        var second = await bed.RunAsync("p");

        Assert.Equal(RunStatus.Succeeded, retry.Status);
        Assert.Equal(["5"], await bed.QueryAsync("SELECT n FROM daily", Daily));
        Assert.Equal(0, (await bed.Tables.Get(Fact).TryGetSnapshotAsync(version: null, Token))!.Version);
        Assert.Equal(RunStatus.Skipped, second.Steps[0].Status);
    }

    [Fact]
    public async Task A_commit_whose_run_failed_before_it_could_say_so_is_taken_over()
    {
        await using var bed = await BedAsync(Copy, Count);
        var run = await bed.StartAsync("p");
        await bed.Activities.BeginAsync(run.Id, Token);
        await StepAsync(bed, run.Id, 0);
        await bed.ForgetAsync(RunFiles.Result(run.Id, "copy"));
        await bed.Activities.EndAsync(run.Id, new RunFailure("ActivityFailed", "Storage was away."), Token);

        var retry = await RetryAsync(bed, await bed.Runs.GetAsync(run.Id, Token));

        Assert.Equal((RunStatus.Succeeded, run.Id, 10L), (retry.Steps[0].Status, retry.Steps[0].TakenFrom, retry.Steps[0].RowsOut));
        Assert.Equal(["5"], await bed.QueryAsync("SELECT n FROM daily", Daily));
        Assert.Equal(["10"], await bed.QueryAsync("SELECT count(*) FROM fact", Fact));
    }

    [Fact]
    public async Task A_retry_of_a_run_whose_target_has_moved_on_says_so()
    {
        await using var bed = await BedAsync(Copy);
        var run = await bed.StartAsync("p");
        await bed.Activities.BeginAsync(run.Id, Token);
        await Cancellation(bed).RequestAsync(run.Id, "bob", Token);
        await bed.ExecuteAsync(run.Id);
        await bed.LoadAsync("flights", "SELECT range AS id, 'A' AS origin FROM range(10, 20)");
        await bed.RunAsync("p");

        var retry = await RetryAsync(bed, await bed.Runs.GetAsync(run.Id, Token));

        Assert.Equal((RunStatus.Failed, "RunOvertaken"), (retry.Status, retry.Error!.Code));
        Assert.Equal(["20"], await bed.QueryAsync("SELECT count(*) FROM fact", Fact));
    }

    [Fact]
    public async Task What_cannot_be_gone_on_with_is_refused_and_the_same_key_gives_the_same_retry()
    {
        await using var bed = await BedAsync(Copy);
        var waiting = await bed.StartAsync("p");
        var canceled = await Cancellation(bed).RequestAsync((await bed.StartAsync("p")).Id, "bob", Token);
        var succeeded = await bed.RunAsync("p");
        var begun = await bed.StartAsync("p");
        await bed.Activities.BeginAsync(begun.Id, Token);
        await bed.Activities.EndAsync(begun.Id, new RunFailure("ActivityFailed", "Storage was away."), Token);
        begun = await bed.Runs.GetAsync(begun.Id, Token);

        Assert.Equal("RunNotEnded", Assert.Throws<TerminalException>(() => RunRequest.ToRetry(waiting, "ann", null)).Code);
        Assert.Equal("RunNotRetriable", Assert.Throws<TerminalException>(() => RunRequest.ToRetry(canceled, "ann", null)).Code);
        Assert.Equal("RunNotRetriable", Assert.Throws<TerminalException>(() => RunRequest.ToRetry(succeeded, "ann", null)).Code);
        var first = await bed.Runs.CreateAsync(RunRequest.ToRetry(begun, "ann", "k"), Token);
        Assert.Equal(first.Id, (await bed.Runs.CreateAsync(RunRequest.ToRetry(begun, "ann", "k"), Token)).Id);
        Assert.NotEqual(first.Id, (await bed.StartAsync("p", "k")).Id);
    }

    [Fact]
    public async Task The_log_tells_what_happened_and_which_tries_failed()
    {
        await using var bed = await BedAsync(Copy.Replace("\"sql\"", "\"expectations\": [ {\"name\": \"known\", \"condition\": \"origin = 'A'\"} ], \"sql\"", StringComparison.Ordinal));
        var run = await bed.StartAsync("p");
        var attempt = bed.Get<ActivityAttempt>();
        await Assert.ThrowsAsync<TransientException>(() => attempt.RunAsync<RunFailure?>(
            run.Id, () => throw new TransientException("Storage did not answer."), failure => failure, "group 0 of step 1"));
        await Assert.ThrowsAsync<TransientException>(() => attempt.RunAsync<RunFailure?>(
            run.Id, () => throw new InvalidDataException("secret"), failure => failure, "group 0 of step 1"));
        await bed.ExecuteAsync(run.Id, times: 2);

        var log = await bed.Get<RunLog>().ReadAsync(run.Id, Token);

        Assert.Equal(
            [
                RunEvent.Asked, RunEvent.AttemptFailed, RunEvent.AttemptFailed, RunEvent.Begun, RunEvent.Pinned, RunEvent.StepPlanned,
                RunEvent.Expectation, RunEvent.StepCommitted, RunEvent.Ended,
            ],
            log.Select(entry => entry.Event));
        Assert.Equal("group 0 of step 1 failed: Storage did not answer.", log[1].Message);
        Assert.DoesNotContain(log, entry => entry.Message.Contains("secret", StringComparison.Ordinal));
        Assert.Contains("5 of 10 rows", log[6].Message, StringComparison.Ordinal);
        Assert.Equal((1, 10L), ((await bed.Runs.GetAsync(run.Id, Token)).Steps[0].GroupsDone.Count, (await bed.Runs.GetAsync(run.Id, Token)).Steps[0].RowsStaged));
    }

    [Fact]
    public async Task A_vacuum_leaves_what_a_run_under_way_reads_and_takes_it_when_the_run_has_ended()
    {
        await using var bed = await BedAsync(Copy);
        var run = await bed.StartAsync("p");
        await bed.Activities.BeginAsync(run.Id, Token);
        await bed.Activities.PlanStepAsync(run.Id, 0, Token);
        await bed.LoadAsync("flights", "SELECT 1 AS id, 'B' AS origin", replace: true);

        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow() + TimeSpan.FromDays(60));
        var options = bed.Get<IOptions<PlatformOptions>>();
        var holds = new TableHolds(bed.Get<IRowStore>(), bed.Get<IEnumerable<HoldSource>>(), clock, options, NullLogger<TableHolds>.Instance);
        var vacuum = new TableVacuum(bed.Tables, bed.Get<IObjectStore>(), holds, options, clock, NullLogger<TableVacuum>.Instance);

        var during = await vacuum.RunAsync(Flights, retention: null, "a", dryRun: false, Token);
        Assert.Null((await bed.Activities.RunGroupAsync(run.Id, 0, 0, Token)).Error);
        await bed.Activities.EndAsync(run.Id, new RunFailure("ActivityFailed", "Storage was away."), Token);
        var after = await vacuum.RunAsync(Flights, retention: null, "b", dryRun: false, Token);

        Assert.Equal((0L, $"run:Pipeline:{run.Id}"), (during.Files, during.HeldBy));
        Assert.Equal((1L, null), (after.Files, after.HeldBy));
    }

    [Fact]
    public async Task A_commit_that_begins_after_its_run_was_given_up_is_refused_so_that_going_on_does_not_double_rows()
    {
        await using var bed = await BedAsync("""{ "name": "copy", "target": "fact", "sql": "SELECT * FROM flights" }""");
        var run = await bed.StartAsync("p");
        await bed.Activities.BeginAsync(run.Id, Token);
        await bed.Activities.PlanStepAsync(run.Id, 0, Token);
        Assert.Null((await bed.Activities.RunGroupAsync(run.Id, 0, 0, Token)).Error);
        await bed.Activities.EndAsync(run.Id, new RunFailure("ActivityFailed", "An instance did not answer."), Token);
        var retried = await RetryAsync(bed, await bed.Runs.GetAsync(run.Id, Token));

        // The instance was only slow.
        var late = await bed.Activities.CommitStepAsync(run.Id, 0, Token);

        Assert.Equal((RunStatus.Succeeded, "RunHasEnded"), (retried.Status, late.Error?.Code));
        Assert.Equal(["10"], await bed.QueryAsync("SELECT count(*) FROM fact", Fact));
    }

    private static RunCancellation Cancellation(PipelineBed bed) => bed.Get<RunCancellation>();

    private static async Task<PipelineBed> BedAsync(params IReadOnlyList<string> steps)
    {
        var bed = new PipelineBed();
        await bed.PutDatasetAsync("flights", """{"name": "id", "type": "int64"}, {"name": "origin", "type": "string"}""");
        await bed.PutDatasetAsync("banned", """{"name": "name", "type": "string"}""");
        await bed.LoadAsync("flights", "SELECT range AS id, CASE WHEN range % 2 = 0 THEN 'A' ELSE 'B' END AS origin FROM range(10)");
        await bed.LoadAsync("banned", "SELECT 'B' AS name");
        await bed.PutPipelineAsync("p", string.Join(", ", steps));
        return bed;
    }

    private static async Task StepAsync(PipelineBed bed, string run, int step)
    {
        await bed.Activities.PlanStepAsync(run, step, Token);
        Assert.Null((await bed.Activities.RunGroupAsync(run, step, 0, Token)).Error);
        Assert.Null((await bed.Activities.CommitStepAsync(run, step, Token)).Error);
    }

    private static async Task<Run> RetryAsync(PipelineBed bed, Run run, int times = 1)
    {
        var retry = await bed.Runs.CreateAsync(RunRequest.ToRetry(run, "ann", idempotencyKey: null), Token);
        await bed.ExecuteAsync(retry.Id, times);
        return await bed.Runs.GetAsync(retry.Id, Token);
    }
}
