using DataPlatform.Failures;
using DataPlatform.Lake;
using DataPlatform.Tables;
using static DataPlatform.Platform.Tests.Tables.Changes;

namespace DataPlatform.Platform.Tests.Tables;

public sealed class TableHistoryTests : TableTest
{
    [Fact]
    public async Task What_left_the_memory_is_read_from_the_log()
    {
        var history = await HistoryOfAsync(versions: 30);

        Assert.Equal(Enumerable.Range(0, 30), await history.ReadAsync(-1, 29, Token).Select(entry => (int)entry.Version).ToListAsync(Token));
        Assert.Equal(Enumerable.Range(20, 10), await history.ReadAsync(19, 29, Token).Select(entry => (int)entry.Version).ToListAsync(Token));
        Assert.Equal(6, (await history.AtAsync(5, Token)).Files.Count);
        Assert.Equal(8, (await history.AtAsync(7, Token)).Files.Count);
        Assert.Equal(5, (await history.AtAsync(4, Token)).Files.Count);
    }

    [Fact]
    public async Task What_left_the_log_too_is_gone()
    {
        var history = await HistoryOfAsync(versions: 10);
        await Store.Objects.TryDeleteAsync(LogPath(Flights, 3), null, Token);

        var read = await Assert.ThrowsAsync<TerminalException>(async () => await history.ReadAsync(-1, 9, Token).CountAsync(Token));
        var at = await Assert.ThrowsAsync<TerminalException>(() => history.AtAsync(5, Token));

        Assert.Equal(("TableVersionGone", FailureKind.Gone), (read.Code, read.Kind));
        Assert.Equal("Version 3 of table 'flights' is no longer in its log. Start from a newer version.", at.Message);
        Assert.Equal(10, (await history.AtAsync(9, Token)).Files.Count);
    }

    [Fact]
    public async Task Only_the_change_that_asks_back_too_far_fails_when_the_log_is_cut()
    {
        var table = Process().Get(Flights);
        for (var i = 0; i < 10; i++)
            await table.CommitAsync(Append($"{i}.parquet"), Token);
        var log = new DeltaLog(Flights, Store.Objects);
        var history = new TableHistory(log, Clock) { MostRecent = 2 };
        await history.RefreshAsync(Token);
        await Store.Objects.TryDeleteAsync(LogPath(Flights, 3), null, Token);
        var committer = new Committer(log, history, Clock, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);

        var far = committer.CommitAsync(AppendBatch("far"), Token);
        var near = committer.CommitAsync(AppendBatch("near", since: 6), Token);

        Assert.Equal("TableVersionGone", (await Assert.ThrowsAsync<TerminalException>(() => far)).Code);
        Assert.Equal(10, (await near).Version);
    }

    [Fact]
    public async Task Writers_are_counted_that_committed_of_late()
    {
        foreach (var hours in (int[])[0, 1, 1])
        {
            Clock.Advance(TimeSpan.FromHours(hours));
            await Process().Get(Flights).CommitAsync(Append($"{Guid.NewGuid()}.parquet"), Token);
        }

        var history = new TableHistory(new DeltaLog(Flights, Store.Objects), Clock);
        await history.RefreshAsync(Token);
        var last = await history.ReadAsync(1, 2, Token).FirstAsync(Token);

        Assert.Equal(3, history.CountWriters("none", Clock.GetUtcNow() - TimeSpan.FromHours(3)));
        Assert.Equal(2, history.CountWriters("none", Clock.GetUtcNow() - TimeSpan.FromHours(1)));
        Assert.Equal(0, history.CountWriters(last.Writer!, Clock.GetUtcNow()));
    }

    [Fact]
    public async Task Callers_that_come_together_share_the_answer()
    {
        await HistoryOfAsync(versions: 1);
        var store = new HeldObjectStore(Store.Objects);
        var history = new TableHistory(new DeltaLog(Flights, store), Clock);

        // The first asks already; what it will hear may be older than the others' calls.
        var first = history.RefreshAsync(Token);
        var others = Enumerable.Range(0, 50).Select(_ => history.RefreshAsync(Token)).ToList();
        store.Release.SetResult();
        await first;
        var states = await Task.WhenAll(others);

        // Version 0, then version 1 missing; and version 1 missing once more for all the others.
        Assert.Equal(4, store.Reads);
        Assert.All(states, state => Assert.Equal(0, state.Version));
    }

    private async Task<TableHistory> HistoryOfAsync(int versions)
    {
        var table = Process().Get(Flights);
        for (var i = 0; i < versions; i++)
            await table.CommitAsync(Append($"{i}.parquet"), Token);
        var history = new TableHistory(new DeltaLog(Flights, Store.Objects), Clock) { MostRecent = 2 };
        await history.RefreshAsync(Token);
        return history;
    }

    private sealed class HeldObjectStore(IObjectStore inner) : WrappedObjectStore(inner)
    {
        private int _reads;

        public TaskCompletionSource Release { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Reads => _reads;

        public override async Task<Stream> OpenReadAsync(LakePath path, ByteRange? range, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _reads);
            await Release.Task;
            return await base.OpenReadAsync(path, range, cancellationToken);
        }
    }
}
