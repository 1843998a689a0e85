using DataPlatform.Failures;
using DataPlatform.Lake;
using DataPlatform.Tables;
using DataPlatform.Tables.Maintenance;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using static DataPlatform.Platform.Tests.Tables.Changes;

namespace DataPlatform.Platform.Tests.Tables.Maintenance;

/// <summary>What a table is after it was put back to an older version.</summary>
public sealed class TableRestoreTests : TableTest
{
    [Fact]
    public async Task The_table_is_what_it_was_and_the_versions_between_stay()
    {
        var table = await SampleAsync();

        var result = await Restore().RunAsync(Flights, 1, "op", 3, dryRun: false, Token);

        Assert.Equal((4, 1, 2, 2), (result.Version, result.RestoredVersion, result.FilesAdded, result.FilesRemoved));
        Assert.True(result.SchemaChanged);
        var now = await Process().Get(Flights).TryGetSnapshotAsync(null, Token);
        Assert.Equal(["a.parquet", "b.parquet"], now!.Files.Select(file => file.Path).Order());
        Assert.Equal(Columns, now.Columns);
        Assert.Equal(["c.parquet", "d.parquet"], (await table.TryGetSnapshotAsync(3, Token))!.Files.Select(file => file.Path).Order());
        var commit = await table.ReadCommitsAsync(3, null, Token).SingleAsync(Token);
        Assert.Equal(("RESTORE", true, "1"), (commit.Operation, commit.DataChange, (string?)commit.Info["operationParameters"]!["version"]));
        Assert.Equal(now.TableId, (await table.TryGetSnapshotAsync(0, Token))!.TableId);
    }

    [Fact]
    public async Task Positions_are_put_back_and_those_that_came_later_are_none()
    {
        await SampleAsync();

        var result = await Restore().RunAsync(Flights, 1, "op", 3, dryRun: false, Token);

        Assert.Equal(new Dictionary<string, long> { ["old"] = 5, ["later"] = -1 }, result.Positions);
        foreach (var process in new[] { Process(), Process(), })
            Assert.Equal([KeyValuePair.Create("old", 5L)], (await process.Get(Flights).TryGetSnapshotAsync(null, Token))!.Transactions);
    }

    [Fact]
    public async Task Inputs_are_those_of_the_version()
    {
        var name = new TableName(TableKind.Warehouse, "facts");
        var table = Process().Get(name);
        await table.CommitAsync(Append("a.parquet"), Token);
        await table.CommitAsync(Append("b.parquet") with { Inputs = new("s", new Dictionary<string, TableInput> { ["x"] = new("id", 3, 3) }) }, Token);
        await table.CommitAsync(Append("c.parquet") with { Inputs = new("s", new Dictionary<string, TableInput> { ["x"] = new("id", 9, 9) }) }, Token);
        foreach (var file in new[] { "a", "b", "c" })
            await PutAsync(name, $"{file}.parquet");

        await Restore().RunAsync(name, 1, "one", 2, dryRun: false, Token);
        Assert.Equal(3, (await new TableLineage(Process()).ReadAsync(name, 3, Token))["s"]["x"].Version);

        await Restore().RunAsync(name, 0, "two", 3, dryRun: false, Token);
        Assert.Empty(await new TableLineage(Process()).ReadAsync(name, 4, Token));
        await Restore().RunAsync(name, 2, "three", 4, dryRun: false, Token);
        Assert.Equal(9, (await new TableLineage(Process()).ReadAsync(name, 5, Token))["s"]["x"].Version);
    }

    [Fact]
    public async Task Done_again_it_is_found_and_with_another_id_there_is_nothing_to_do()
    {
        await SampleAsync();
        var first = await Restore().RunAsync(Flights, 1, "op", 3, dryRun: false, Token);

        Assert.Equivalent(first, await Restore().RunAsync(Flights, 1, "op", 3, dryRun: false, Token), strict: true);
        Assert.Null((await Restore().RunAsync(Flights, 1, "other", 3, dryRun: false, Token)).Version);
        Assert.Equal(4, (await Process().Get(Flights).TryGetSnapshotAsync(null, Token))!.Version);
    }

    [Fact]
    public async Task A_dry_run_tells_the_same_and_changes_nothing()
    {
        await SampleAsync();

        var told = await Restore().RunAsync(Flights, 1, "op", 3, dryRun: true, Token);
        var done = await Restore().RunAsync(Flights, 1, "op", 3, dryRun: false, Token);

        Assert.Equivalent(done with { Version = null }, told, strict: true);
        Assert.Equal(4, done.Version);
    }

    [Fact]
    public async Task A_version_whose_files_are_gone_is_refused_with_their_names()
    {
        await SampleAsync();
        await Store.Objects.TryDeleteAsync(Flights.Root.Append("a.parquet"), null, Token);

        var refusal = await Assert.ThrowsAsync<TerminalException>(() => Restore().RunAsync(Flights, 1, "op", 3, dryRun: false, Token));

        Assert.Equal(("RestoreFilesGone", FailureKind.Gone), (refusal.Code, refusal.Kind));
        Assert.Contains("1 of its files were vacuumed (a.parquet)", refusal.Message);
        Assert.Equal(3, (await Process().Get(Flights).TryGetSnapshotAsync(null, Token))!.Version);
        Assert.Null(await Holds().OldestHeldAsync(Process().Get(Flights), Token));
    }

    [Fact]
    public async Task Rows_that_come_meanwhile_are_not_left_in()
    {
        await SampleAsync();
        var other = Process().Get(Flights);
        var store = new BusyStore(Store.Objects, () => other.CommitAsync(Append("e.parquet"), Token));

        var result = await new TableRestore(Process(store), store, Holds(), Clock).RunAsync(Flights, 1, "op", 3, dryRun: false, Token);

        Assert.Equal((5, 3), (result.Version, result.FilesRemoved));
        Assert.Equal(["a.parquet", "b.parquet"], (await Process().Get(Flights).TryGetSnapshotAsync(null, Token))!.Files.Select(file => file.Path).Order());
    }

    [Fact]
    public async Task A_time_stands_for_the_version_of_then()
    {
        var table = await SampleAsync();
        var times = await table.ReadCommitsAsync(-1, null, Token).Select(commit => commit.Timestamp).ToListAsync(Token);

        Assert.Equal(1, await Restore().VersionAtAsync(Flights, times[2].AddMilliseconds(-1), Token));
        Assert.Equal(3, await Restore().VersionAtAsync(Flights, times[3].AddDays(1), Token));
        var early = await Assert.ThrowsAsync<TerminalException>(() => Restore().VersionAtAsync(Flights, times[0].AddDays(-1), Token));
        Assert.Equal("TableVersionNotFound", early.Code);
        var none = await Assert.ThrowsAsync<TerminalException>(() => Restore().RunAsync(new(TableKind.Mart, "none"), 0, "op", -1, false, Token));
        Assert.Equal("TableNotFound", none.Code);
    }

    private async Task<DeltaTable> SampleAsync()
    {
        var table = Process().Get(Flights);
        await table.CommitAsync(Append("a.parquet") with { Transactions = new Dictionary<string, long> { ["old"] = 5 } }, Token);
        Clock.Advance(TimeSpan.FromMinutes(1));
        await table.CommitAsync(Append("b.parquet"), Token);
        Clock.Advance(TimeSpan.FromMinutes(1));
        await table.CommitAsync(
            new TableChange
            {
                Operation = "WRITE",
                Columns = [.. Columns, new("extra", "long")],
                Add = [File("c.parquet")],
                Remove = ["a.parquet"],
                AllowNewColumns = true,
                ReadVersion = 1,
                Transactions = new Dictionary<string, long> { ["old"] = 7, ["later"] = 1 },
            },
            Token);
        Clock.Advance(TimeSpan.FromMinutes(1));
        await table.CommitAsync(Append("d.parquet") with { Remove = ["b.parquet"], ReadVersion = 2 }, Token);
        foreach (var file in new[] { "a", "b", "c", "d" })
            await PutAsync(Flights, $"{file}.parquet");
        return table;
    }

    private async Task PutAsync(TableName table, string file) =>
        Assert.NotNull(await Store.Objects.TryPutAsync(table.Root.Append(file), new byte[100], PutCondition.None, null, Token));

    private TableRestore Restore() => new(Process(), Store.Objects, Holds(), Clock);

    private TableHolds Holds() => new(Store.Rows, [], Clock, Options.Create(new PlatformOptions()), NullLogger<TableHolds>.Instance);

    /// <summary>Another writer commits while the files are looked at.</summary>
    private sealed class BusyStore(IObjectStore inner, Func<Task> other) : WrappedObjectStore(inner)
    {
        private int _looks;

        public override async Task<ObjectInfo?> GetInfoAsync(LakePath path, CancellationToken cancellationToken)
        {
            if (path.FileName == "a.parquet" && Interlocked.Increment(ref _looks) == 1)
                await other();
            return await base.GetInfoAsync(path, cancellationToken);
        }
    }
}
