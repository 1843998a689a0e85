namespace DataPlatform.Conformance.Tests.Durable;

/// <summary>Removing instances by filter. Alone, since a filter takes the instances of other tests too.</summary>
[Collection(Alone.Name)]
public sealed class PurgeByFilterTests(ConformanceHost host)
{
    [Fact]
    public async Task A_filter_purges_by_status_and_time()
    {
        var terminated = await host.Durable.StartRunningAsync("event_wait", "never");
        await host.Durable.TerminateAsync(terminated);
        var at = (await host.Durable.CompletedAsync(terminated)).CreatedAt;
        var window = $"from={Time(at.AddMilliseconds(-1))}&to={Time(at.AddMilliseconds(1))}";

        Assert.Equal(0, await host.Durable.PurgeAsync($"instances?{window}&status=Failed"));
        Assert.NotNull(await host.Durable.FindAsync(terminated));
        Assert.InRange((await host.Durable.PurgeAsync($"instances?{window}&status=Terminated"))!.Value, 1, 5);
        Assert.Null(await host.Durable.FindAsync(terminated));
    }

    private static string Time(DateTimeOffset time) => Uri.EscapeDataString(time.ToString("o"));
}
