using System.Text.Json.Nodes;
using DataPlatform.Failures;
using DataPlatform.Tables;
using static DataPlatform.Platform.Tests.Tables.Changes;

namespace DataPlatform.Platform.Tests.Tables;

public sealed class CommitterTests : TableTest
{
    [Fact]
    public async Task Changes_that_wait_share_commits_and_each_lands_once()
    {
        var table = Process().Get(Flights);

        var commits = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => table.CommitAsync(AppendBatch($"b{i}"), Token)));

        var log = await Process().Get(Flights).ReadCommitsAsync(-1, null, Token).ToListAsync(Token);
        Assert.Equal(Enumerable.Range(0, 200).Select(i => $"b{i}").Order(), log.SelectMany(c => c.Batches).Select(b => b.Id).Order());
        Assert.True(log.Count <= 100, $"200 changes took {log.Count} commits.");
        for (var i = 0; i < commits.Length; i++)
            Assert.Contains(log[(int)commits[i].Version].Batches, batch => batch.Id == $"b{i}");
        Assert.Equal(200, (await table.TryGetSnapshotAsync(null, Token))!.Files.Count);
    }

    [Fact]
    public async Task What_waits_while_a_commit_is_under_way_becomes_exactly_one_more_commit()
    {
        var (store, release) = Held();
        var table = Process(store).Get(Flights);

        var first = table.CommitAsync(AppendBatch("first"), Token);
        await store.PutReached;
        var others = Enumerable.Range(0, 20).Select(i => table.CommitAsync(AppendBatch($"b{i}"), Token)).ToList();
        release.SetResult();

        Assert.Equal(0, (await first).Version);
        Assert.All(await Task.WhenAll(others), commit => Assert.Equal(1, commit.Version));
    }

    [Fact]
    public async Task A_change_that_does_not_fit_fails_alone()
    {
        var (store, release) = Held();
        var table = Process(store).Get(Flights);

        var first = table.CommitAsync(AppendBatch("first"), Token);
        await store.PutReached;
        var good = table.CommitAsync(AppendBatch("good"), Token);
        var bad = table.CommitAsync(AppendBatch("bad") with { Columns = [new("origin", "long")] }, Token);
        var alsoGood = table.CommitAsync(AppendBatch("alsoGood"), Token);
        release.SetResult();

        var failure = await Assert.ThrowsAsync<TerminalException>(() => bad);
        Assert.Equal("SchemaMismatch", failure.Code);
        Assert.Equal([1, 1], (await Task.WhenAll(good, alsoGood)).Select(commit => (int)commit.Version));
        Assert.Equal(0, (await first).Version);
    }

    [Fact]
    public async Task A_waiter_that_gives_up_leaves_without_the_others()
    {
        var (store, release) = Held();
        var table = Process(store).Get(Flights);
        using var impatience = new CancellationTokenSource();

        var first = table.CommitAsync(AppendBatch("first"), Token);
        await store.PutReached;
        var leaving = table.CommitAsync(AppendBatch("leaving"), impatience.Token);
        var staying = table.CommitAsync(AppendBatch("staying"), Token);
        await impatience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaving);
        release.SetResult();

        await first;
        Assert.Equal(["staying"], (await staying).Batches.Select(batch => batch.Id));
    }

    [Fact]
    public async Task Giving_up_during_the_own_attempt_still_tells_what_became_of_it()
    {
        var (store, release) = Held();
        var table = Process(store).Get(Flights);
        using var impatience = new CancellationTokenSource();

        var commit = table.CommitAsync(AppendBatch("first"), impatience.Token);
        await store.PutReached;
        await impatience.CancelAsync();
        release.SetResult();

        Assert.Equal(0, (await commit).Version);
    }

    [Fact]
    public async Task The_same_batch_twice_at_once_lands_once()
    {
        var (store, release) = Held();
        var table = Process(store).Get(Flights);

        var first = table.CommitAsync(AppendBatch("other"), Token);
        await store.PutReached;
        var once = table.CommitAsync(AppendBatch("b1"), Token);
        var twice = table.CommitAsync(AppendBatch("b1"), Token);
        release.SetResult();

        await first;
        Assert.Equal(1, (await once).Version);
        Assert.Equal(1, (await twice).Version);
        Assert.Equal(2, (await table.TryGetSnapshotAsync(null, Token))!.Files.Count);
    }

    [Fact]
    public async Task A_batch_that_another_process_committed_is_found()
    {
        var mine = Process().Get(Flights);
        await mine.CommitAsync(Append("a.parquet"), Token);
        await Process().Get(Flights).CommitAsync(AppendBatch("b1", since: 0), Token);

        var found = await mine.CommitAsync(AppendBatch("b1", since: 0), Token);

        Assert.Equal(1, found.Version);
        Assert.Equal(1, (await mine.TryGetSnapshotAsync(null, Token))!.Version);
    }

    [Fact]
    public async Task An_operation_that_was_committed_is_found_even_when_what_it_read_changed()
    {
        var table = Process().Get(Flights);
        await table.CommitAsync(Append("a.parquet"), Token);
        var change = Overwrite("b.parquet") with { ReadVersion = 0, SinceVersion = 0, OperationId = "run/step" };
        await table.CommitAsync(change, Token);
        await table.CommitAsync(Append("c.parquet"), Token);

        Assert.Equal(1, (await Process().Get(Flights).CommitAsync(change, Token)).Version);
    }

    [Fact]
    public async Task A_lost_race_goes_on_behind_the_winner()
    {
        var mine = Process().Get(Flights);
        var other = Process().Get(Flights);
        await mine.CommitAsync(Append("a.parquet"), Token);
        for (var i = 0; i < 3; i++)
            await other.CommitAsync(Append($"other{i}.parquet"), Token);

        Assert.Equal(4, (await mine.CommitAsync(Append("b.parquet"), Token)).Version);
        Assert.Equal(5, (await mine.TryGetSnapshotAsync(null, Token))!.Files.Count);
    }

    [Fact]
    public async Task A_table_made_by_two_processes_at_once_is_one_table()
    {
        var both = await Task.WhenAll(
            Process().Get(Flights).CommitAsync(Append("a.parquet"), Token),
            Process().Get(Flights).CommitAsync(Append("b.parquet"), Token));

        Assert.Equal([0, 1], both.Select(commit => (int)commit.Version).Order());
        Assert.Equal(2, (await Process().Get(Flights).TryGetSnapshotAsync(null, Token))!.Files.Count);
        Assert.DoesNotContain("metaData", await ReadLogAsync(Flights, 1));
    }

    [Theory]
    [InlineData(nameof(Loss.Answer))]
    [InlineData(nameof(Loss.Request))]
    [InlineData(nameof(Loss.Refusal))]
    public async Task A_failed_put_is_neither_lost_nor_doubled(string loss)
    {
        var store = new LosingObjectStore(Store.Objects) { OnPut = number => number == 1 ? Enum.Parse<Loss>(loss) : Loss.None };
        var table = Process(store).Get(Flights);

        // Without batch or operation id: only the attempt itself can be known again.
        var commit = await table.CommitAsync(Append("a.parquet"), Token);

        Assert.Equal(0, commit.Version);
        Assert.Single(await Process().Get(Flights).ReadCommitsAsync(-1, null, Token).ToListAsync(Token));
    }

    [Fact]
    public async Task A_lost_answer_is_looked_up_until_the_store_can_be_read_again()
    {
        var store = new LosingObjectStore(Store.Objects);
        var table = Process(store).Get(Flights);
        await table.CommitAsync(Append("a.parquet"), Token);
        store.OnPut = number =>
        {
            store.FailingReads = 2;
            return number == 2 ? Loss.Answer : Loss.None;
        };

        Assert.Equal(1, (await table.CommitAsync(Append("b.parquet"), Token)).Version);
        Assert.Equal(2, (await Process().Get(Flights).TryGetSnapshotAsync(null, Token))!.Files.Count);
    }

    [Fact]
    public async Task A_lost_request_whose_version_another_takes_lands_behind_it()
    {
        var other = Process().Get(Flights);
        var store = new LosingObjectStore(Store.Objects)
        {
            OnPut = number => number == 1 ? Loss.Request : Loss.None,
            BeforePut = async number =>
            {
                if (number == 2)
                    await other.CommitAsync(Append("other.parquet"), Token);
            },
        };

        Assert.Equal(1, (await Process(store).Get(Flights).CommitAsync(Append("mine.parquet"), Token)).Version);
    }

    [Fact]
    public async Task A_store_that_refuses_fails_the_change_and_the_table_goes_on()
    {
        var store = new LosingObjectStore(Store.Objects)
        {
            BeforePut = number => number == 1
                ? throw new TerminalException(FailureKind.Forbidden, "Denied", "No.")
                : Task.CompletedTask,
        };
        var table = Process(store).Get(Flights);

        Assert.Equal("Denied", (await Assert.ThrowsAsync<TerminalException>(() => table.CommitAsync(Append("a.parquet"), Token))).Code);
        Assert.Equal(0, (await table.CommitAsync(Append("b.parquet"), Token)).Version);
    }

    [Fact]
    public async Task A_change_gives_up_when_no_turn_comes()
    {
        // The other process takes each version just before.
        var other = Process().Get(Flights);
        var store = new LosingObjectStore(Store.Objects) { BeforePut = number => other.CommitAsync(Append($"{number}.parquet"), Token) };
        var log = new DeltaLog(Flights, store);
        var committer = new Committer(log, new TableHistory(log, Clock), Clock, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance)
        {
            GiveUpAfter = TimeSpan.FromMilliseconds(100),
        };

        var failure = await Assert.ThrowsAsync<TransientException>(() => committer.CommitAsync(Append("mine.parquet"), Token));
        Assert.Contains("Nothing was written", failure.Message);
    }

    [Fact]
    public async Task A_data_change_behind_the_version_read_is_a_conflict()
    {
        var table = Process().Get(Flights);
        await table.CommitAsync(Append("a.parquet"), Token);
        await Process().Get(Flights).CommitAsync(Append("b.parquet"), Token);

        var merge = Append("c.parquet") with { Operation = "MERGE", Remove = ["a.parquet"], ReadVersion = 0 };
        var conflict = await Assert.ThrowsAsync<CommitConflictException>(() => table.CommitAsync(merge, Token));

        Assert.Equal((0, 1), (conflict.ReadVersion, conflict.FoundVersion));
        Assert.Equal(2, (await table.CommitAsync(merge with { ReadVersion = 1 }, Token)).Version);
        Assert.Equal(["b.parquet", "c.parquet"], (await table.TryGetSnapshotAsync(null, Token))!.Files.Select(file => file.Path));
    }

    [Fact]
    public async Task A_commit_that_changes_no_data_is_no_conflict()
    {
        var table = Process().Get(Flights);
        await table.CommitAsync(Append("a.parquet", "b.parquet"), Token);
        await table.CommitAsync(Append("ab.parquet") with { Operation = "OPTIMIZE", Remove = ["a.parquet", "b.parquet"], DataChange = false }, Token);

        Assert.Equal(2, (await table.CommitAsync(Overwrite("c.parquet") with { ReadVersion = 0 }, Token)).Version);
        Assert.Equal(["c.parquet"], (await table.TryGetSnapshotAsync(null, Token))!.Files.Select(file => file.Path));
    }

    [Fact]
    public async Task Removing_a_file_that_is_gone_is_a_conflict()
    {
        var table = Process().Get(Flights);
        await table.CommitAsync(Append("a.parquet"), Token);

        await Assert.ThrowsAsync<CommitConflictException>(() => table.CommitAsync(Append("c.parquet") with { Remove = ["b.parquet"] }, Token));
    }

    [Fact]
    public async Task A_table_that_was_not_there_when_read_but_is_now_is_a_conflict()
    {
        await Process().Get(Flights).CommitAsync(Append("a.parquet"), Token);

        await Assert.ThrowsAsync<CommitConflictException>(
            () => Process().Get(Flights).CommitAsync(Overwrite("b.parquet") with { ReadVersion = -1 }, Token));
    }

    [Fact]
    public async Task An_overwrite_that_read_nothing_replaces_whatever_it_lands_on()
    {
        var mine = Process().Get(Flights);
        await mine.CommitAsync(Append("a.parquet"), Token);
        await Process().Get(Flights).CommitAsync(Append("b.parquet"), Token);

        var commit = await mine.CommitAsync(Overwrite("c.parquet"), Token);

        Assert.Equal(["a.parquet", "b.parquet"], commit.Removed.Select(file => file.Path));
        Assert.Equal(["c.parquet"], (await mine.TryGetSnapshotAsync(null, Token))!.Files.Select(file => file.Path));
    }

    [Fact]
    public async Task Two_that_advance_the_same_transaction_conflict()
    {
        var table = Process().Get(Flights);
        await table.CommitAsync(Append("a.parquet"), Token);
        TableChange Step(string file, long version) => Append(file) with
        {
            SinceVersion = 0,
            Transactions = new Dictionary<string, long> { ["step"] = version },
        };

        await table.CommitAsync(Step("b.parquet", 10), Token);

        await Assert.ThrowsAsync<CommitConflictException>(() => Process().Get(Flights).CommitAsync(Step("c.parquet", 12), Token));
        Assert.Equal(10, (await table.TryGetSnapshotAsync(null, Token))!.Transactions["step"]);
        Assert.Equal(2, (await table.CommitAsync(Step("d.parquet", 12) with { SinceVersion = 1 }, Token)).Version);
        Assert.Equal(3, (await table.CommitAsync(Step("e.parquet", 14) with { ReadVersion = 2, OperationId = "run/step" }, Token)).Version);
    }

    [Fact]
    public async Task Changes_with_a_commit_of_their_own_are_not_merged()
    {
        var (store, release) = Held();
        var table = Process(store).Get(Flights);

        var first = table.CommitAsync(Append("a.parquet"), Token);
        await store.PutReached;
        var tasks = new[]
        {
            table.CommitAsync(Append("b.parquet") with { OperationId = "run/1" }, Token),
            table.CommitAsync(Append("c.parquet") with { Extra = new JsonObject { ["note"] = 1 } }, Token),
            table.CommitAsync(Append("d.parquet") with { Operation = "STREAMING UPDATE" }, Token),
            table.CommitAsync(Append("e.parquet") with { DataChange = false }, Token),
        };
        release.SetResult();

        await first;
        Assert.Equal([1, 2, 3, 4], (await Task.WhenAll(tasks)).Select(commit => (int)commit.Version).Order());
    }

    [Fact]
    public async Task A_file_cannot_be_added_twice()
    {
        var table = Process().Get(Flights);
        await table.CommitAsync(Append("a b.parquet"), Token);

        var failure = await Assert.ThrowsAsync<TerminalException>(() => table.CommitAsync(Append("a%20b.parquet"), Token));

        Assert.Equal("InvalidDataFile", failure.Code);
    }

    /// <summary>A store whose first put waits until it is released.</summary>
    private (LosingObjectStore Store, TaskCompletionSource Release) Held()
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return (new LosingObjectStore(Store.Objects) { BeforePut = number => number == 1 ? release.Task : Task.CompletedTask }, release);
    }
}
