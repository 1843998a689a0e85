using DataPlatform.Failures;
using DataPlatform.Tables;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using static DataPlatform.Platform.Tests.Tables.Changes;

namespace DataPlatform.Platform.Tests.Tables;

public sealed class TimeTravelTests : TableTest
{
    [Fact]
    public async Task A_table_is_read_as_of_a_time()
    {
        var start = Clock.GetUtcNow();
        await CommitAsync(20, TimeSpan.FromMinutes(1));
        foreach (var table in new[] { Process().Get(Flights), Often().Get(Flights) })
        {
            Assert.Equal(0, (await table.TryGetSnapshotAsync(start, Token))!.Version);
            Assert.Equal(6, (await table.TryGetSnapshotAsync(start.AddMinutes(6), Token))!.Version);
            Assert.Equal(6, (await table.TryGetSnapshotAsync(start.AddMinutes(7).AddMilliseconds(-1), Token))!.Version);
            Assert.Equal(7, (await table.TryGetSnapshotAsync(start.AddMinutes(6.5).ToOffset(TimeSpan.FromHours(5)).AddMinutes(0.5), Token))!.Files.Count - 1);
            Assert.Equal(19, (await table.TryGetSnapshotAsync(start.AddDays(9), Token))!.Version);
        }
    }

    [Fact]
    public async Task Before_its_first_commit_there_was_no_table()
    {
        var start = Clock.GetUtcNow();
        await CommitAsync(2, TimeSpan.FromMinutes(1));

        var failure = await Assert.ThrowsAsync<TerminalException>(() => Process().Get(Flights).TryGetSnapshotAsync(start.AddMilliseconds(-1), Token));

        Assert.Equal("TableVersionNotFound", failure.Code);
        Assert.Null(await Process().Get(new TableName(TableKind.Dataset, "none")).TryGetSnapshotAsync(start, Token));
    }

    [Fact]
    public async Task A_time_from_which_the_log_is_cut_is_gone()
    {
        var start = Clock.GetUtcNow();
        await CommitAsync(25, TimeSpan.FromMinutes(1));
        for (var version = 0; version < 10; version++)
            await Store.Objects.TryDeleteAsync(LogPath(Flights, version), null, Token);
        var table = Process().Get(Flights);

        Assert.Equal("TableVersionGone", (await Assert.ThrowsAsync<TerminalException>(() => table.TryGetSnapshotAsync(start.AddMinutes(9), Token))).Code);
        Assert.Equal(10, (await table.TryGetSnapshotAsync(start.AddMinutes(10), Token))!.Version);
        Assert.Equal(13, (await table.TryGetSnapshotAsync(start.AddMinutes(13), Token))!.Version);
        Assert.Equal(10, await table.OldestVersionAsync(Token));
        Assert.Equal(10, await table.OldestCommitAsync(Token));
    }

    [Fact]
    public async Task Clocks_that_go_back_do_not_confuse_times()
    {
        var table = Process().Get(Flights);
        await table.CommitAsync(Append("0.parquet"), Token);
        var slow = new DeltaTables(Store.Objects, new Microsoft.Extensions.Time.Testing.FakeTimeProvider(Clock.GetUtcNow().AddHours(-1)), NullLoggerFactory.Instance);
        var first = (await table.TryGetSnapshotAsync(null, Token))!.Timestamp;

        var commit = await slow.Get(Flights).CommitAsync(Append("1.parquet"), Token);

        Assert.True(commit.Timestamp > first);
        Assert.Equal(0, (await table.TryGetSnapshotAsync(first, Token))!.Version);
        Assert.Equal(1, (await table.TryGetSnapshotAsync(commit.Timestamp, Token))!.Version);
    }

    /// <summary>Other writers do not see to it that times rise. As Delta has it, a version is of a time when no commit up to it has a later one.</summary>
    [Theory]
    [InlineData("0 1 2 9 3 4 5 6 7 8 10 11", 5, 2)]
    [InlineData("0 1 2 9 3 4 5 6 7 8 10 11", 9, 9)]
    [InlineData("0 7 1 2 3 4 8 9", 4, 0)]
    [InlineData("0 3 2 1 4 5 6", 2, 0)]
    [InlineData("0 9 8 7 6 5 4 3", 4, 0)]
    [InlineData("0 9 8 7 6 5 4 3", 10, 7)]
    public async Task Times_of_other_writers_may_go_back(string minutes, int asked, long expected)
    {
        var start = Clock.GetUtcNow();
        await Process().Get(Flights).CommitAsync(Append("a.parquet"), Token);
        var times = minutes.Split(' ').Select(int.Parse).ToList();
        for (var version = 1; version < times.Count; version++)
        {
            var at = start.AddMinutes(times[version]).ToUnixTimeMilliseconds();
            await WriteLogAsync(Flights, version, $$$"""{"commitInfo":{"timestamp":{{{at}}},"operation":"WRITE"}}""");
        }

        Assert.Equal(expected, (await Process().Get(Flights).TryGetSnapshotAsync(start.AddMinutes(asked), Token))!.Version);

        // A commit of ours comes after all of them, whatever our clock says.
        var commit = await Process().Get(Flights).CommitAsync(Append("b.parquet"), Token);
        Assert.True(commit.Timestamp > start.AddMinutes(times.Max()));
        var then = start.AddMinutes(asked);
        Assert.Equal(then < commit.Timestamp ? expected : commit.Version, (await Process().Get(Flights).TryGetSnapshotAsync(then, Token))!.Version);
    }

    private DeltaTables Often() => new(Store.Objects, Clock, NullLoggerFactory.Instance, Options.Create(new PlatformOptions { CheckpointCommits = 10 }));

    private async Task CommitAsync(int count, TimeSpan every)
    {
        var table = Often().Get(Flights);
        for (var i = 0; i < count; i++)
        {
            await table.CommitAsync(Append($"{i}.parquet"), Token);
            await table.UpkeepIdle;
            Clock.Advance(every);
        }
    }
}
