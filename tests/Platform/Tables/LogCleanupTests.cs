using System.Globalization;
using DataPlatform.Failures;
using DataPlatform.Lake;
using DataPlatform.Tables;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using static DataPlatform.Platform.Tests.Tables.Changes;

namespace DataPlatform.Platform.Tests.Tables;

/// <summary>Which commits and checkpoints go, and who keeps them.</summary>
public sealed class LogCleanupTests : TableTest
{
    private static readonly IOptions<PlatformOptions> Settings = Options.Create(new PlatformOptions { CheckpointCommits = 10 });

    private readonly RecordedLogger<TableHolds> _log = new();
    private readonly List<HoldSource> _sources = [];

    [Fact]
    public async Task What_is_older_than_the_retention_goes_up_to_a_checkpoint()
    {
        var table = WithHolds().Get(Flights);
        await CommitAsync(table, 45, TimeSpan.FromDays(1));

        // At the checkpoint of version 40 a month back was version 10; the pass of that hour was the first to find one that old.
        Assert.Equal(["10.json", "20.json", "30.json", "40.json"], (await VersionsAsync("json")).Where(name => name.Length == 7 && name[1] == '0'));
        Assert.Equal(10, await table.OldestVersionAsync(Token));
        Assert.Equal(["10", "20", "30", "40"], await VersionsAsync("checkpoint.parquet"));
        var snapshot = await Process().Get(Flights).TryGetSnapshotAsync(null, Token);
        Assert.Equal((44, 45), (snapshot!.Version, snapshot.Files.Count));
        for (var version = 10; version <= 44; version++)
            Assert.Equal(version + 1, (await Process().Get(Flights).TryGetSnapshotAsync(version, Token))!.Files.Count);
        var gone = await Assert.ThrowsAsync<TerminalException>(() => Process().Get(Flights).TryGetSnapshotAsync(9, Token));
        Assert.Equal("TableVersionGone", gone.Code);
        gone = await Assert.ThrowsAsync<TerminalException>(async () => await Process().Get(Flights).ReadCommitsAsync(3, null, Token).CountAsync(Token));
        Assert.Equal("TableVersionGone", gone.Code);
    }

    [Fact]
    public async Task A_table_says_how_long_its_log_is_kept()
    {
        var table = WithHolds().Get(Flights);
        await table.CommitAsync(Append("first.parquet"), Token);
        var metadata = (await ReadLogAsync(Flights, 0)).Split('\n').Single(line => line.Contains("metaData"));
        await WriteLogAsync(Flights, 1, metadata.Replace("\"configuration\":{}", "\"configuration\":{\"delta.logRetentionDuration\":\"interval 2 weeks\"}"));

        await CommitAsync(table, 30, TimeSpan.FromDays(1));

        Assert.Equal(10, await table.OldestVersionAsync(Token));
    }

    [Fact]
    public async Task A_table_can_forbid_the_cleanup()
    {
        var table = WithHolds().Get(Flights);
        await table.CommitAsync(Append("first.parquet"), Token);
        var metadata = (await ReadLogAsync(Flights, 0)).Split('\n').Single(line => line.Contains("metaData"));
        await WriteLogAsync(Flights, 1, metadata.Replace("\"configuration\":{}", "\"configuration\":{\"delta.enableExpiredLogCleanup\":\"false\"}"));

        await CommitAsync(table, 45, TimeSpan.FromDays(2));

        Assert.Equal(0, await table.OldestVersionAsync(Token));
    }

    [Fact]
    public async Task A_hold_keeps_its_version_and_all_behind_it()
    {
        var table = WithHolds().Get(Flights);
        await CommitAsync(table, 5, TimeSpan.FromDays(1));
        await Holds().PutAsync(Flights, new TableHold("run:1", await IdAsync(), 15, Clock.GetUtcNow().AddYears(1)), Token);

        await CommitAsync(table, 76, TimeSpan.FromDays(2));

        Assert.Equal(10, await table.OldestVersionAsync(Token));
        Assert.True(await Holds().ReleaseAsync(Flights, "run:1", Token));
        await CommitAsync(table, 10, TimeSpan.FromDays(2));
        Assert.Equal(70, await table.OldestVersionAsync(Token));
    }

    [Fact]
    public async Task A_hold_ends_when_it_expires()
    {
        var table = WithHolds().Get(Flights);
        await CommitAsync(table, 1, TimeSpan.FromDays(1));
        await Holds().PutAsync(Flights, new TableHold("cursor:x", await IdAsync(), 0, Clock.GetUtcNow().AddDays(10)), Token);

        await CommitAsync(table, 50, TimeSpan.FromDays(2));

        Assert.Equal(30, await table.OldestVersionAsync(Token));
        Assert.Empty(await Holds().ListAsync(Flights, await IdAsync(), Token).ToListAsync(Token));
    }

    [Fact]
    public async Task Cleanup_never_passes_a_projection()
    {
        var tables = WithHolds();
        var projector = new TableProjector(Store.Rows, tables);
        await CommitAsync(tables.Get(Flights), 13, TimeSpan.FromDays(1));
        await projector.AdvanceAsync(Flights, "receipts", null, (_, _, _) => Task.CompletedTask, Token);

        await CommitAsync(tables.Get(Flights), 70, TimeSpan.FromDays(1));

        Assert.Equal(10, await tables.Get(Flights).OldestVersionAsync(Token));
        var seen = new List<long>();
        await projector.AdvanceAsync(Flights, "receipts", null, (_, commit, _) => Add(seen, commit), Token);
        Assert.Equal(Enumerable.Range(13, 70), seen.Select(version => (int)version));
    }

    [Fact]
    public async Task A_consumer_that_lags_too_far_is_given_up_with_an_error_and_told()
    {
        var tables = WithHolds();
        await CommitAsync(tables.Get(Flights), 3, TimeSpan.FromDays(1));
        await new TableProjector(Store.Rows, tables).AdvanceAsync(Flights, "receipts", null, (_, _, _) => Task.CompletedTask, Token);

        await CommitAsync(tables.Get(Flights), 60, TimeSpan.FromDays(4));

        Assert.True(await tables.Get(Flights).OldestVersionAsync(Token) > 3);
        var lost = Assert.Single(_log.Entries, entry => entry.Level == LogLevel.Error);
        Assert.Contains("'projection:receipts' stands at version 2 and is lost", lost.Message);

        // It goes on with what is left, and says what it missed.
        var log = new RecordedLogger<TableProjector>();
        var seen = new List<long>();
        var projector = new TableProjector(Store.Rows, Process(), log);
        await projector.AdvanceAsync(Flights, "receipts", null, (_, commit, _) => Add(seen, commit), Token);
        var oldest = await tables.Get(Flights).OldestCommitAsync(Token);
        Assert.Equal((oldest, 62), (seen[0], seen[^1]));
        Assert.Equal(oldest - 1, (await projector.TryGetCursorAsync(Flights, "receipts", Token))!.LostUpTo);
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"has lost the versions 3 to {oldest - 1}"), Assert.Single(log.Entries).Message);
    }

    [Fact]
    public async Task Consumers_whose_position_lies_elsewhere_hold_by_rule()
    {
        var tables = WithHolds();
        await CommitAsync(tables.Get(Flights), 1, TimeSpan.FromDays(1));
        var id = await IdAsync();
        _sources.Add(new HoldSource((table, tableId, _) => table == Flights && tableId == id
            ? new[] { new TableHold("step:p/s", id, 25) }.ToAsyncEnumerable()
            : AsyncEnumerable.Empty<TableHold>()));

        await CommitAsync(tables.Get(Flights), 90, TimeSpan.FromDays(1));

        Assert.Equal(20, await tables.Get(Flights).OldestVersionAsync(Token));
        Assert.Equal(25, (await Holds().OldestHeldAsync(tables.Get(Flights), Token))!.Version);
    }

    [Fact]
    public async Task Nothing_goes_while_the_checkpoint_that_would_carry_the_rest_is_damaged()
    {
        var plain = new DeltaTables(Store.Objects, Clock, NullLoggerFactory.Instance, Settings).Get(Flights);
        await CommitAsync(plain, 15, TimeSpan.FromDays(1));
        await Store.Objects.TryPutAsync(
            Flights.Root.Append("_delta_log/00000000000000000010.checkpoint.parquet"), "PAR1"u8.ToArray(), PutCondition.None, null, Token);
        var table = WithHolds().Get(Flights);
        Clock.Advance(TimeSpan.FromDays(31));

        await CommitAsync(table, 6, TimeSpan.FromMinutes(1));

        Assert.Equal(0, await table.OldestVersionAsync(Token));
        Assert.Equal(21, (await Process().Get(Flights).TryGetSnapshotAsync(null, Token))!.Files.Count);
    }

    [Fact]
    public async Task A_cleanup_that_is_cut_off_leaves_the_table_readable_at_any_point()
    {
        var plain = new DeltaTables(Store.Objects, Clock, NullLoggerFactory.Instance, Settings).Get(Flights);
        await CommitAsync(plain, 35, TimeSpan.FromMinutes(1));
        Clock.Advance(TimeSpan.FromDays(40));
        await plain.CommitAsync(Append("late.parquet"), Token);
        var deletes = 0;
        for (var left = 1; left < 60; left++)
        {
            var store = new DyingStore(Store.Objects) { Deletes = 1 };
            var log = new DeltaLog(Flights, store);
            var history = new TableHistory(log, Clock);
            var cleanup = new LogCleanup(plain, log, history, store, Holds(), Settings.Value, Clock, NullLogger.Instance);
            var state = await history.RefreshAsync(Token);
            try
            {
                deletes += await cleanup.RunAsync(state, Token);
                break;
            }
            catch (TransientException)
            {
                var snapshot = await Process().Get(Flights).TryGetSnapshotAsync(null, Token);
                Assert.Equal((35, 36), (snapshot!.Version, snapshot.Files.Count));
            }
        }

        Assert.Equal(30, await plain.OldestVersionAsync(Token));
        Assert.Equal(["30"], await VersionsAsync("checkpoint.parquet"));
    }

    [Fact]
    public async Task A_hold_of_a_table_that_is_no_more_holds_nothing()
    {
        var table = WithHolds().Get(Flights);
        await CommitAsync(table, 2, TimeSpan.FromDays(1));
        await Holds().PutAsync(Flights, new TableHold("run:1", "another", 0, Clock.GetUtcNow().AddDays(1)), Token);

        Assert.Null(await Holds().OldestHeldAsync(table, Token));
    }

    private TableHolds Holds() => new(Store.Rows, _sources, Clock, Settings, _log);

    private DeltaTables WithHolds() => new(Store.Objects, Clock, NullLoggerFactory.Instance, Settings, Holds());

    private async Task<string> IdAsync() => (await Process().Get(Flights).TryGetSnapshotAsync(null, Token))!.TableId;

    private static Task Add(List<long> seen, Commit commit)
    {
        seen.Add(commit.Version);
        return Task.CompletedTask;
    }

    private async Task CommitAsync(DeltaTable table, int count, TimeSpan every)
    {
        for (var i = 0; i < count; i++)
        {
            await table.CommitAsync(Append($"{Guid.NewGuid()}.parquet"), Token);
            await table.UpkeepIdle;
            Clock.Advance(every);
        }
    }

    private async Task<List<string>> VersionsAsync(string ending)
    {
        List<string> found = [];
        await foreach (var file in Store.Objects.ListAsync(Flights.Root.Append("_delta_log"), null, Token))
        {
            if (file.Path.FileName.EndsWith($".{ending}", StringComparison.Ordinal) && char.IsAsciiDigit(file.Path.FileName[0]))
                found.Add(long.Parse(file.Path.FileName[..20], CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture) + (ending == "json" ? ".json" : ""));
        }

        return found;
    }

    /// <summary>Stops after some deletes.</summary>
    private sealed class DyingStore(IObjectStore inner) : WrappedObjectStore(inner)
    {
        public int Deletes { get; set; }

        public override Task<bool> TryDeleteAsync(LakePath path, string? etag, CancellationToken cancellationToken) =>
            Deletes-- > 0 ? base.TryDeleteAsync(path, etag, cancellationToken) : throw new TransientException("Dead.");
    }
}
