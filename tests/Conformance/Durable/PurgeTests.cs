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
}
