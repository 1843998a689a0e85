using System.Net;

namespace DataPlatform.Conformance.Tests.Durable;

/// <summary>External events.</summary>
public sealed class EventTests(ConformanceHost host)
{
    [Theory]
    [InlineData("Approve", "approve")]
    [InlineData("approve", "APPROVE")]
    public async Task Names_ignore_case(string waited, string raised)
    {
        var id = await host.Durable.StartRunningAsync("event_wait", waited);
        Assert.Equal(HttpStatusCode.NoContent, await host.Durable.RaiseAsync(id, raised, "yes"));
        Assert.Equal("yes", (await host.Durable.CompletedAsync(id)).OutputAs<string>());
    }

    [Fact]
    public async Task Events_that_nobody_waits_for_yet_are_kept_in_order()
    {
        var id = await host.Durable.StartRunningAsync("event_later");
        await RaiseInOrderAsync(id, ("second", "b"), ("second", "c"), ("other", "x"), ("first", "a"));
        Assert.Equal("a b c", (await host.Durable.CompletedAsync(id)).OutputAs<string>());
    }

    [Fact]
    public async Task The_latest_waiter_gets_the_first_event()
    {
        var id = await host.Durable.StartRunningAsync("event_two_waiters");
        await host.Durable.UntilCustomStatusAsync(id, "\"waiting\"");
        await RaiseInOrderAsync(id, ("item", "one"), ("item", "two"));
        Assert.Equal(["two", "one"], (await host.Durable.CompletedAsync(id)).OutputAs<string[]>()!);
    }

    [Fact]
    public async Task Waiting_with_a_timeout_ends_either_way()
    {
        Assert.Equal("timed out", (await host.Durable.RunAsync("event_timeout", 1.5)).OutputAs<string>());
        var id = await host.Durable.StartRunningAsync("event_timeout", 3600);
        await host.Durable.RaiseAsync(id, "go", "in time");
        Assert.Equal("in time", (await host.Durable.CompletedAsync(id)).OutputAs<string>());
    }

    [Fact]
    public async Task Events_go_over_to_the_next_execution()
    {
        var id = await host.Durable.StartRunningAsync("event_carried");
        await RaiseInOrderAsync(id, ("item", "a"), ("item", "b"), ("item", "c"), ("begin", "x"));
        Assert.Equal("abc", (await host.Durable.CompletedAsync(id)).OutputAs<string>());
    }

    [Fact]
    public async Task Or_are_dropped_when_the_orchestrator_wants_that()
    {
        var id = await host.Durable.StartRunningAsync("event_dropped");
        await RaiseInOrderAsync(id, ("item", "lost"), ("begin", "x"));
        await host.Durable.UntilCustomStatusAsync(id, "\"again\"");
        await host.Durable.RaiseAsync(id, "item", "kept");
        Assert.Equal("kept", (await host.Durable.CompletedAsync(id)).OutputAs<string>());
    }

    [Fact]
    public async Task An_orchestrator_may_raise_an_event_of_another()
    {
        var id = await host.Durable.StartRunningAsync("event_wait", "go");
        Assert.Equal("sent", (await host.Durable.RunAsync("event_send", id)).OutputAs<string>());
        Assert.Equal("from an orchestrator", (await host.Durable.CompletedAsync(id)).OutputAs<string>());
    }

    [Fact]
    public async Task Data_is_read_as_the_type_that_the_waiter_asks_for()
    {
        var id = await host.Durable.StartRunningAsync("event_number");
        await host.Durable.RaiseAsync(id, "part", new { Number = 7, Label = "seven" });
        Assert.Equal(7, (await host.Durable.CompletedAsync(id)).OutputAs<int>());
    }

    [Fact]
    public async Task A_finished_or_unknown_instance_takes_no_events()
    {
        var ended = await host.Durable.RunAsync("flow_echo", "x");
        Assert.Equal(HttpStatusCode.BadRequest, await host.Durable.RaiseAsync(ended.Id, "go", "x"));
        Assert.Equal(HttpStatusCode.BadRequest, await host.Durable.RaiseAsync(ConformanceHost.NewId(), "go", "x"));
    }

    // One after the other: no order is promised among events raised at the same moment.
    private async Task RaiseInOrderAsync(string id, params (string Name, string Data)[] events)
    {
        foreach (var (name, data) in events)
        {
            Assert.Equal(HttpStatusCode.NoContent, await host.Durable.RaiseAsync(id, name, data));
            await Task.Delay(TimeSpan.FromMilliseconds(50), TestContext.Current.CancellationToken);
        }
    }
}
