using DataPlatform.Aggregation;
using DataPlatform.Catalog;
using Microsoft.Extensions.Time.Testing;

namespace DataPlatform.Platform.Tests.Aggregation;

public sealed class MartStatusesTests : IAsyncLifetime
{
    private readonly MartBed _bed = new();
    private readonly FakeTimeProvider _clock = new(TimeProvider.System.GetUtcNow());

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Fact]
    public async Task A_mart_is_stale_when_a_commit_waits_longer_than_its_freshness()
    {
        var version = await _bed.DefineAsync(
            """ "source": "facts", "freshness": "PT1H", "dimensions": [ {"name": "x"} ], "measures": [ {"name": "n", "type": "count"} ] """);
        Assert.Equal((false, null), ((await ReadAsync()).IsStale, (await ReadAsync()).AsOf));
        var first = await _bed.WriteAsync("SELECT 1 AS x");
        Assert.True((await ReadAsync()).IsStale);
        await _bed.RefreshAsync(version, "r1/refresh");
        _clock.Advance(TimeSpan.FromDays(1));

        var fresh = await ReadAsync();
        var second = await _bed.WriteAsync("SELECT 2 AS x", append: true);
        await _bed.RewriteSourceAsync("SELECT * FROM facts", dataChange: false);
        var behind = await ReadAsync();
        _clock.SetUtcNow(second.Timestamp + TimeSpan.FromHours(25));
        var late = await ReadAsync();

        Assert.Equal((false, first.Timestamp, version), (fresh.IsStale, fresh.AsOf, fresh.ComputedBy));
        Assert.Equal([new MartSourceStatus("facts", 0, 0, null)], fresh.Sources);
        Assert.Equal([new MartSourceStatus("facts", 0, 2, second.Timestamp)], behind.Sources);
        Assert.True(late.IsStale);
        Assert.Equal(first.Timestamp, late.AsOf);
    }

    private Task<MartStatus> ReadAsync() => new MartStatuses(_bed.Catalog, new TableCatalog(_bed.Catalog), _bed.Tables, _clock).ReadAsync(MartBed.Mart, Token);
}
