using System.Collections.Concurrent;
using DataPlatform.Lake;
using DataPlatform.Tables;
using static DataPlatform.Platform.Tests.Tables.Changes;

namespace DataPlatform.Platform.Tests.Tables;

public sealed class TableProjectorTests : TableTest
{
    private const string Receipts = "receipts";

    [Fact]
    public async Task Every_commit_is_handed_over_once_and_in_order()
    {
        var tables = Process();
        var projector = new TableProjector(Store.Rows, tables);
        var seen = new List<long>();
        await AppendAsync(tables, 3);

        Assert.Equal(2, await projector.AdvanceAsync(Flights, Receipts, null, Collect(seen), Token));
        await AppendAsync(tables, 2);
        Assert.Equal(4, await projector.AdvanceAsync(Flights, Receipts, 4, Collect(seen), Token));
        Assert.Equal(4, await projector.AdvanceAsync(Flights, Receipts, 2, Collect(seen), Token));

        Assert.Equal([0, 1, 2, 3, 4], seen);
        Assert.Equal(4, (await projector.TryGetCursorAsync(Flights, Receipts, Token))!.Version);
    }

    [Fact]
    public async Task A_new_process_goes_on_where_the_last_one_stopped()
    {
        var tables = Process();
        await AppendAsync(tables, 3);
        await new TableProjector(Store.Rows, tables).AdvanceAsync(Flights, Receipts, null, Collect([]), Token);
        await AppendAsync(tables, 1);
        var seen = new List<long>();

        Assert.Equal(3, await new TableProjector(Store.Rows, Process()).AdvanceAsync(Flights, Receipts, null, Collect(seen), Token));

        Assert.Equal([3], seen);
    }

    [Fact]
    public async Task A_table_that_does_not_exist_has_nothing_to_project()
    {
        var projector = new TableProjector(Store.Rows, Process());

        Assert.Equal(-1, await projector.AdvanceAsync(Flights, Receipts, null, Collect([]), Token));
        Assert.Null(await projector.TryGetCursorAsync(Flights, Receipts, Token));
    }

    [Fact]
    public async Task Two_projections_of_a_table_go_their_own_ways()
    {
        var tables = Process();
        var projector = new TableProjector(Store.Rows, tables);
        await AppendAsync(tables, 2);
        var ledger = new List<long>();

        await projector.AdvanceAsync(Flights, Receipts, null, Collect([]), Token);
        await projector.AdvanceAsync(Flights, "ledger", null, Collect(ledger), Token);

        Assert.Equal([0, 1], ledger);
    }

    [Fact]
    public async Task A_failing_commit_is_tried_again_and_those_before_it_are_not()
    {
        var tables = Process();
        var projector = new TableProjector(Store.Rows, tables);
        await AppendAsync(tables, 3);
        var seen = new List<long>();
        Task FailAtTwo(Snapshot snapshot, Commit commit, CancellationToken cancellationToken)
        {
            seen.Add(commit.Version);
            return commit.Version == 2 ? throw new InvalidOperationException("no") : Task.CompletedTask;
        }

        await Assert.ThrowsAsync<InvalidOperationException>(() => projector.AdvanceAsync(Flights, Receipts, null, FailAtTwo, Token));
        Assert.Equal(1, (await projector.TryGetCursorAsync(Flights, Receipts, Token))!.Version);
        Assert.Equal(2, await projector.AdvanceAsync(Flights, Receipts, null, Collect(seen), Token));

        Assert.Equal([0, 1, 2, 2], seen);
    }

    [Fact]
    public async Task Another_table_behind_the_name_starts_from_its_first_version()
    {
        var tables = Process();
        var projector = new TableProjector(Store.Rows, tables);
        await AppendAsync(tables, 2);
        await projector.AdvanceAsync(Flights, Receipts, null, Collect([]), Token);
        await WriteLogAsync(Flights, 2, (await ReadLogAsync(Flights, 0)).Split('\n').Single(line => line.Contains("metaData"))
            .Replace((await tables.Get(Flights).TryGetSnapshotAsync(null, Token))!.TableId, "another"));
        await AppendAsync(tables, 1);
        var seen = new List<(string, long)>();

        await projector.AdvanceAsync(
            Flights,
            Receipts,
            null,
            (snapshot, commit, _) =>
            {
                seen.Add((snapshot.TableId, commit.Version));
                return Task.CompletedTask;
            },
            Token);

        Assert.Equal([("another", 2), ("another", 3)], seen);
        Assert.Equal(new ProjectionCursor("another", 3), await projector.TryGetCursorAsync(Flights, Receipts, Token));
    }

    [Fact]
    public async Task The_cursor_of_a_long_catch_up_is_saved_on_the_way()
    {
        var tables = Process();
        var projector = new TableProjector(Store.Rows, tables);
        await AppendAsync(tables, 120);
        var cursors = new List<long?>();

        await projector.AdvanceAsync(
            Flights,
            Receipts,
            null,
            async (_, commit, token) => cursors.Add(commit.Version == 119 ? (await projector.TryGetCursorAsync(Flights, Receipts, token))?.Version : null),
            Token);

        Assert.Equal(99, cursors[^1]);
    }

    [Fact]
    public async Task Commits_are_handed_over_in_groups_and_a_group_that_fails_comes_again()
    {
        var tables = Process();
        var projector = new TableProjector(Store.Rows, tables);
        await AppendAsync(tables, 7);
        var seen = new List<long[]>();
        Task FailOnce(Snapshot snapshot, IReadOnlyList<Commit> commits, CancellationToken cancellationToken)
        {
            seen.Add([.. commits.Select(commit => commit.Version)]);
            return seen.Count == 2 ? throw new InvalidOperationException("no") : Task.CompletedTask;
        }

        await Assert.ThrowsAsync<InvalidOperationException>(() => projector.AdvanceAsync(Flights, Receipts, null, 3, FailOnce, Token));
        Assert.Equal(2, (await projector.TryGetCursorAsync(Flights, Receipts, Token))!.Version);
        Assert.Equal(6, await projector.AdvanceAsync(Flights, Receipts, null, 3, FailOnce, Token));

        Assert.Equal([[0, 1, 2], [3, 4, 5], [3, 4, 5], [6]], seen);
    }

    [Fact]
    public async Task A_slow_process_does_not_take_the_cursor_back()
    {
        var fast = Process();
        await AppendAsync(fast, 1);
        var slow = new TableProjector(Store.Rows, Process());
        var overtaken = false;

        var reached = await slow.AdvanceAsync(
            Flights,
            Receipts,
            null,
            async (_, _, token) =>
            {
                await AppendAsync(fast, 3);
                Assert.Equal(3, await new TableProjector(Store.Rows, fast).AdvanceAsync(Flights, Receipts, null, Collect([]), token));
                overtaken = true;
            },
            Token);

        Assert.True(overtaken);
        Assert.Equal(0, reached);
        Assert.Equal(3, (await slow.TryGetCursorAsync(Flights, Receipts, Token))!.Version);
    }

    [Fact]
    public async Task Processes_that_commit_and_project_at_once_miss_nothing()
    {
        var seen = new ConcurrentBag<long>();
        await Task.WhenAll(Enumerable.Range(0, 3).Select(process => Task.Run(
            async () =>
            {
                var tables = Process();
                var projector = new TableProjector(Store.Rows, tables);
                await Task.WhenAll(Enumerable.Range(0, 10).Select(async i =>
                {
                    var commit = await tables.Get(Flights).CommitAsync(AppendBatch($"p{process}-{i}"), Token);
                    var reached = await projector.AdvanceAsync(
                        Flights,
                        Receipts,
                        commit.Version,
                        (_, done, _) =>
                        {
                            seen.Add(done.Version);
                            return Task.CompletedTask;
                        },
                        Token);
                    Assert.True(reached >= commit.Version);
                }));
            },
            Token)));

        var newest = (await Process().Get(Flights).TryGetSnapshotAsync(null, Token))!.Version;
        Assert.Equal(Enumerable.Range(0, (int)newest + 1), seen.Distinct().Order().Select(version => (int)version));
        Assert.Equal(newest, (await new TableProjector(Store.Rows, Process()).TryGetCursorAsync(Flights, Receipts, Token))!.Version);
    }

    private static Func<Snapshot, Commit, CancellationToken, Task> Collect(List<long> seen) => (_, commit, _) =>
    {
        seen.Add(commit.Version);
        return Task.CompletedTask;
    };

    private static async Task AppendAsync(DeltaTables tables, int count)
    {
        for (var i = 0; i < count; i++)
            await tables.Get(Flights).CommitAsync(Append($"{Guid.NewGuid()}.parquet"), Token);
    }
}
