namespace DataPlatform.Conformance.Tests.Durable;

/// <summary>Removing instances.</summary>
public sealed class PurgeTests(ConformanceHost host)
{
    [Fact]
    public async Task A_finished_instance_is_gone_after_its_purge()
    {
        var id = (await host.Durable.RunAsync("flow_echo", "x")).Id;
        Assert.Equal(1, await host.Durable.PurgeAsync($"instances/{id}"));
        Assert.Null(await host.Durable.FindAsync(id));
        Assert.Equal(0, await host.Durable.PurgeAsync($"instances/{id}"));
    }

    [Fact]
    public async Task A_living_instance_is_not_purged()
    {
        var id = await host.Durable.StartRunningAsync("event_wait", "never");
        Assert.Null(await host.Durable.PurgeAsync($"instances/{id}"));
        Assert.Equal("Running", (await host.Durable.FindAsync(id))!.Status);
        await host.Durable.TerminateAsync(id);
    }

    // A window of two milliseconds: other tests run beside this one.
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
