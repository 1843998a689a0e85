using DataPlatform.Failures;
using DataPlatform.Lake;
using DataPlatform.Platform.Tests.Tables;
using DataPlatform.Tables;
using DataPlatform.Tables.Maintenance;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace DataPlatform.Platform.Tests.Tables.Maintenance;

/// <summary>A dropped table is gone for all processes, wherever the drop is cut off, and one made again under its name is another.</summary>
public sealed class TableDropTests : TableTest
{
    private static readonly TableName Name = new(TableKind.Warehouse, "facts");

    [Fact]
    public async Task Files_log_and_followers_go_and_a_tombstone_stays()
    {
        var process = await FillAsync(3);
        await Store.Objects.TryPutAsync(Name.Root.Append("left-behind.parquet"), "x"u8.ToArray(), PutCondition.None, null, Token);
        await Holds().PutAsync(Name, new TableHold("run:x", "id", 1), Token);
        List<(string, bool)> asked = [];
        var leftover = new TableLeftover("things", (table, dryRun, _) =>
        {
            asked.Add((table.Name, dryRun));
            return Task.FromResult(7L);
        });

        var told = await Drop(process, leftover).RunAsync(Name, "", "dry", 2, dryRun: true, Token);
        var result = await DropAsync(process, leftover);

        Assert.Equal((null, 3L, 3, 7L), (told.Version, told.Rows, told.Files, told.Also["things"]));
        Assert.Equal((3L, 3L, 3, false, 7L, 1L), (result.Version, result.Rows, result.Files, result.MadeAnew, result.Also["things"], result.Also["followers"]));
        Assert.Equal([("facts", true), ("facts", false)], asked);
        Assert.Equal(
            ["_delta_log/00000000000000000003.checkpoint.parquet", "_delta_log/00000000000000000003.json", "_delta_log/_last_checkpoint"],
            await LeftAsync());
        Assert.Empty(await Holds().ListAsync(Name, "id", Token).ToListAsync(Token));
        await AssertGoneAsync(process);
        await AssertGoneAsync(Process());
        Assert.Null(await Drop(Process()).FindAsync(Name, Token));
    }

    [Fact]
    public async Task A_table_made_again_has_another_id_and_no_past_in_every_process()
    {
        var process = await FillAsync(3);
        var (other, idle) = (Process(), Process());
        var before = (await other.Get(Name).TryGetSnapshotAsync(null, Token))!;
        await idle.Get(Name).TryGetSnapshotAsync(null, Token);
        await DropAsync(process);

        var commit = await Process().Get(Name).CommitAsync(Append("new.parquet") with { Columns = [new("other", "string")] }, Token);

        Assert.Equal(4, commit.Version);
        foreach (var one in new[] { process, other, idle, Process() })
        {
            var after = (await one.Get(Name).TryGetSnapshotAsync(null, Token))!;
            Assert.NotEqual(before.TableId, after.TableId);
            Assert.Equal((4L, 4L, "new.parquet", "other"), (after.Version, after.FirstVersion, Assert.Single(after.Files).Path, Assert.Single(after.Columns).Name));
            Assert.Empty(after.Transactions);
            Assert.DoesNotContain(TableMetadata.DroppedProperty, after.Properties.Keys);
            Assert.Equal([4L], await one.Get(Name).ReadCommitsAsync(-1, null, Token).Select(found => found.Version).ToListAsync(Token));
            Assert.Equal(4, await one.Get(Name).OldestVersionAsync(Token));
            foreach (var version in new[] { 1L, 3L })
                Assert.Equal("TableVersionGone", (await Assert.ThrowsAsync<TerminalException>(() => one.Get(Name).TryGetSnapshotAsync(version, Token))).Code);
        }
    }

    [Fact]
    public async Task What_was_computed_from_the_old_table_is_not_committed_to_a_new_one()
    {
        var process = await FillAsync(3);
        var late = Append("late.parquet") with { OperationId = "late", SinceVersion = 2 };
        var first = Append("first.parquet") with { OperationId = "first" };
        await DropAsync(process);

        Assert.Equal("TableReplaced", (await Assert.ThrowsAsync<TerminalException>(() => process.Get(Name).CommitAsync(Append("x.parquet") with { SinceVersion = 2 }, Token))).Code);
        Assert.Equal(4, (await process.Get(Name).CommitAsync(first, Token)).Version);
        Assert.Equal(4, (await Process().Get(Name).CommitAsync(first, Token)).Version);
        Assert.Contains(
            (await Assert.ThrowsAsync<TerminalException>(() => process.Get(Name).CommitAsync(late, Token))).Code, (string[])["TableReplaced", "TableVersionGone"]);
    }

    /// <summary>A process that learns of the drop from a checkpoint alone: of the tombstone's, or of one of a table made since.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_late_change_makes_no_table_again_in_a_process_that_has_only_a_checkpoint(bool anotherTable)
    {
        var process = await FillAsync(3);
        var late = Append("late.parquet") with { OperationId = "late", SinceVersion = 2 };
        await DropAsync(process);
        if (anotherTable)
        {
            var again = new DeltaTables(Store.Objects, Clock, NullLoggerFactory.Instance, Options.Create(new PlatformOptions { CheckpointCommits = 2 })).Get(Name);
            for (var i = 0; i < 5; i++)
            {
                await again.CommitAsync(Append($"new{i}.parquet"), Token);
                await again.UpkeepIdle;
            }
        }

        Assert.Equal("TableReplaced", (await Assert.ThrowsAsync<TerminalException>(() => Process().Get(Name).CommitAsync(late, Token))).Code);
        Assert.Equal(anotherTable ? 5 : null, (await Process().Get(Name).TryGetSnapshotAsync(null, Token))?.Files.Count);
    }

    [Fact]
    public async Task Cut_off_anywhere_it_is_never_half_readable_and_is_done_again()
    {
        for (var cut = 0; cut < 12; cut++)
        {
            var table = new TableName(TableKind.Warehouse, $"facts_{cut}");
            var process = await FillAsync(4, table);
            var deletes = 0;
            var cutting = new CuttingStore(Store.Objects, () => deletes++ >= cut);
            var found = (await Drop(process).FindAsync(table, Token))!.Value;
            var dying = new DeltaTables(cutting, Clock, NullLoggerFactory.Instance);

            var wasCut = false;
            try
            {
                await new TableDrop(dying, cutting, Store.Rows, []).RunAsync(table, found.Id, "op", found.Version, dryRun: false, Token);
            }
            catch (TransientException)
            {
                wasCut = true;
            }

            Assert.Null(await Process().Get(table).TryGetSnapshotAsync(null, Token));
            var result = await Drop(Process()).RunAsync(table, found.Id, "op", found.Version, dryRun: false, Token);
            Assert.Equal((4L, 4, false), (result.Version, result.Files, result.MadeAnew));
            Assert.Equal(3, (await LeftAsync(table)).Count);
            Assert.Equal(wasCut, cut < 8);
        }
    }

    [Fact]
    public async Task A_table_made_while_the_old_one_goes_keeps_its_files()
    {
        var process = await FillAsync(2);
        var found = (await Drop(process).FindAsync(Name, Token))!.Value;
        var made = false;
        var cutting = new CuttingStore(Store.Objects, () =>
        {
            // Between the end of the old table and the deletion of its files.
            if (!made)
            {
                made = true;
                Task.Run(() => Process().Get(Name).CommitAsync(Append("new.parquet"), Token), Token).GetAwaiter().GetResult();
            }

            return false;
        });

        var result = await new TableDrop(new DeltaTables(cutting, Clock, NullLoggerFactory.Instance), cutting, Store.Rows, [])
            .RunAsync(Name, found.Id, "op", found.Version, dryRun: false, Token);
        var again = await Drop(Process()).RunAsync(Name, found.Id, "op", found.Version, dryRun: false, Token);

        Assert.True(made);
        Assert.Equal((2L, true), (result.Version, result.MadeAnew));
        Assert.Equal((2L, true), (again.Version, again.MadeAnew));
        Assert.Equal("new.parquet", Assert.Single((await Process().Get(Name).TryGetSnapshotAsync(null, Token))!.Files).Path);
    }

    private static TableChange Append(string path) => new()
    {
        Operation = "WRITE",
        Columns = [new("id", "integer")],
        Add = [new DataFile(path, 1, DataFile.NoPartition, 0, new FileStatistics(1, NoBounds, NoBounds, new Dictionary<string, long>()))],
    };

    private static readonly IReadOnlyDictionary<string, System.Text.Json.JsonElement> NoBounds = new Dictionary<string, System.Text.Json.JsonElement>();

    private TableDrop Drop(DeltaTables process, params TableLeftover[] leftovers) => new(process, Store.Objects, Store.Rows, leftovers);

    private TableHolds Holds() => new(Store.Rows, [], Clock, Options.Create(new PlatformOptions()), NullLogger<TableHolds>.Instance);

    private async Task<DropResult> DropAsync(DeltaTables process, params TableLeftover[] leftovers)
    {
        var found = (await Drop(process).FindAsync(Name, Token))!.Value;
        return await Drop(process, leftovers).RunAsync(Name, found.Id, "op", found.Version, dryRun: false, Token);
    }

    private async Task<DeltaTables> FillAsync(int commits, TableName? table = null)
    {
        var process = Process();
        for (var i = 0; i < commits; i++)
        {
            await Store.Objects.TryPutAsync((table ?? Name).Root.Append($"f{i}.parquet"), "x"u8.ToArray(), PutCondition.None, null, Token);
            await process.Get(table ?? Name).CommitAsync(Append($"f{i}.parquet") with { Transactions = new Dictionary<string, long> { [$"app{i}"] = i } }, Token);
        }

        return process;
    }

    private async Task<IReadOnlyList<string>> LeftAsync(TableName? table = null) =>
        await Store.Objects.ListAsync((table ?? Name).Root, null, Token).Select(info => info.Path.Value[((table ?? Name).Root.Value.Length + 1)..]).ToListAsync(Token);

    private static async Task AssertGoneAsync(DeltaTables process)
    {
        var table = process.Get(Name);
        Assert.Null(await table.TryGetSnapshotAsync(null, Token));
        Assert.Null(await table.TryGetRecentSnapshotAsync(TimeSpan.FromHours(1), -1, Token));
        Assert.Equal(-1, await table.OldestVersionAsync(Token));
        Assert.Empty(await table.ReadCommitsAsync(-1, null, Token).ToListAsync(Token));
    }

    /// <summary>A store whose process dies at a deletion.</summary>
    private sealed class CuttingStore(IObjectStore inner, Func<bool> dies) : WrappedObjectStore(inner)
    {
        public override Task<bool> TryDeleteAsync(LakePath path, string? etag, CancellationToken cancellationToken) =>
            dies() ? throw new TransientException("The process died.") : base.TryDeleteAsync(path, etag, cancellationToken);
    }
}
