using System.Net;

namespace DataPlatform.Conformance.Tests.Durable;

/// <summary>Starting instances.</summary>
public sealed class StartTests(ConformanceHost host)
{
    [Fact]
    public async Task An_id_is_taken_while_its_instance_lives_and_free_when_it_ended()
    {
        var id = ConformanceHost.NewId();
        Assert.Equal(HttpStatusCode.OK, await host.Durable.TryStartAsync("flow_gate", id));
        Assert.Equal(HttpStatusCode.Conflict, await host.Durable.TryStartAsync("flow_gate", id));
        await host.Durable.UntilAsync(id, "Running");
        Assert.Equal(HttpStatusCode.Conflict, await host.Durable.TryStartAsync("flow_echo", id, "x"));

        await host.OpenGateAsync(id);
        Assert.Equal("\"passed\"", (await host.Durable.CompletedAsync(id)).Output);
        Assert.Equal(HttpStatusCode.OK, await host.Durable.TryStartAsync("flow_echo", id, "again"));
        Assert.Equal("\"again\"", (await host.Durable.UntilAsync(id, instance => instance is { Name: "flow_echo", IsCompleted: true }))!.Output);
    }

    [Fact]
    public async Task Dedupe_statuses_keep_ended_instances()
    {
        var id = (await host.Durable.RunAsync("flow_echo", "first")).Id;
        Assert.Equal(HttpStatusCode.Conflict, await host.Durable.TryStartAsync("flow_echo", id, "second", "&dedupe=Completed,Failed"));
        Assert.Equal("\"first\"", (await host.Durable.FindAsync(id))!.Output);
        Assert.Equal(HttpStatusCode.OK, await host.Durable.TryStartAsync("flow_echo", id, "third", "&dedupe=Failed"));
        await host.Durable.UntilAsync(id, instance => instance?.Output == "\"third\"");
    }

    [Theory]
    [InlineData("@entity")]
    [InlineData("@")]
    public async Task Ids_of_entities_are_refused(string id) =>
        Assert.Equal(HttpStatusCode.BadRequest, await host.Durable.TryStartAsync("flow_echo", id, "x"));

    [Theory]
    [InlineData("a b")]
    [InlineData("ä:b|c")]
    [InlineData("(x),y=1")]
    public async Task Other_ids_may_have_odd_characters(string stem)
    {
        var id = stem + ConformanceHost.NewId();
        Assert.Equal(HttpStatusCode.OK, await host.Durable.TryStartAsync("flow_echo", id, "x"));
        Assert.Equal(id, (await host.Durable.CompletedAsync(id)).Id);
    }

    [Fact]
    public async Task An_orchestrator_that_does_not_exist_is_refused_or_its_instance_fails()
    {
        var id = ConformanceHost.NewId();
        if (await host.Durable.TryStartAsync("not_there", id) == HttpStatusCode.BadRequest)
            Assert.Null(await host.Durable.FindAsync(id));
        else
            Assert.Contains("not_there", (await host.Durable.UntilAsync(id, "Failed")).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StartAt_holds_the_start_back()
    {
        var at = TimeProvider.System.GetUtcNow().AddSeconds(6);
        var id = await host.Durable.StartAsync("flow_echo", "later", $"&startAt={Uri.EscapeDataString(at.ToString("o"))}");
        Assert.Equal("Pending", (await host.Durable.FindAsync(id))!.Status);
        var ended = await host.Durable.CompletedAsync(id);
        Assert.Equal("\"later\"", ended.Output);
        Assert.True(ended.LastUpdatedAt >= at.AddSeconds(-1), $"{ended.LastUpdatedAt:o} is before {at:o}");
    }

    [Fact, Trait(Capabilities.Trait, nameof(Capabilities.Versions))]
    public async Task An_instance_has_the_version_it_is_started_with()
    {
        host.Capabilities.Need(host.Capabilities.Versions, "versions of instances");
        Assert.Equal("\"2.1\"", (await host.Durable.RunAsync("flow_version", null, "&version=2.1")).Output);
    }

    [Fact]
    public async Task Without_one_the_version_is_empty() => Assert.Equal("\"\"", (await host.Durable.RunAsync("flow_version")).Output);
}
