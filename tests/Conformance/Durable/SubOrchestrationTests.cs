using System.Net;

namespace DataPlatform.Conformance.Tests.Durable;

/// <summary>Orchestrations within orchestrations.</summary>
public sealed class SubOrchestrationTests(ConformanceHost host)
{
    [Fact]
    public async Task A_child_has_the_id_it_is_given_or_one_of_its_own_and_knows_its_parent()
    {
        var child = ConformanceHost.NewId("child");
        var parent = await host.Durable.RunAsync("child_parent", child);
        var said = parent.OutputAs<string[]>()!;
        Assert.Equal($"Hello named! {child} of {parent.Id}", said[0]);
        Assert.StartsWith("Hello unnamed! ", said[1], StringComparison.Ordinal);
        Assert.EndsWith($" of {parent.Id}", said[1], StringComparison.Ordinal);
        Assert.DoesNotContain(child, said[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_child_is_an_instance_like_any_other()
    {
        var child = ConformanceHost.NewId("child");
        var parent = await host.Durable.StartAsync("child_waits", child);
        var running = await host.Durable.UntilAsync(child, "Running");
        Assert.Equal(("event_wait", "\"go\""), (running.Name, running.Input));
        Assert.Equal(HttpStatusCode.NoContent, await host.Durable.RaiseAsync(child, "go", "event for the child"));
        Assert.Equal("event for the child", (await host.Durable.CompletedAsync(parent)).OutputAs<string>());
        Assert.Equal("Completed", (await host.Durable.FindAsync(child))!.Status);
    }

    [Fact]
    public async Task A_terminated_child_fails_the_call_of_its_parent()
    {
        var child = ConformanceHost.NewId("child");
        var parent = await host.Durable.StartAsync("child_waits", child);
        await host.Durable.UntilAsync(child, "Running");
        await host.Durable.TerminateAsync(child);
        Assert.Equal("Failed", (await host.Durable.CompletedAsync(parent)).Status);
    }
}
