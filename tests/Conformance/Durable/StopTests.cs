using System.Net;

namespace DataPlatform.Conformance.Tests.Durable;

/// <summary>Suspend, resume, terminate.</summary>
public sealed class StopTests(ConformanceHost host)
{
    [Fact]
    public async Task A_suspended_instance_takes_events_but_does_not_go_on_until_it_is_resumed()
    {
        var id = await host.Durable.StartAsync("time_count");
        await host.Durable.UntilCustomStatusAsync(id, "0");
        Assert.Equal(HttpStatusCode.NoContent, await host.Durable.SuspendAsync(id));
        await host.Durable.UntilAsync(id, "Suspended");

        Assert.Equal(HttpStatusCode.NoContent, await host.Durable.RaiseAsync(id, "more", "x"));
        await Task.Delay(TimeSpan.FromSeconds(1.5), TestContext.Current.CancellationToken);
        var suspended = (await host.Durable.FindAsync(id))!;
        Assert.Equal(("Suspended", "0"), (suspended.Status, suspended.CustomStatus));
        Assert.False(suspended.IsCompleted);

        Assert.Equal(HttpStatusCode.NoContent, await host.Durable.ResumeAsync(id));
        await host.Durable.UntilCustomStatusAsync(id, "1");
        await host.Durable.RaiseAsync(id, "more", "stop");
        var ended = await host.Durable.CompletedAsync(id);
        Assert.Equal(("Completed", "1"), (ended.Status, ended.Output));
    }

    [Fact]
    public async Task A_terminated_instance_ends_at_once_with_the_output_it_is_given()
    {
        var id = await host.Durable.StartRunningAsync("event_wait", "never");
        Assert.Equal(HttpStatusCode.NoContent, await host.Durable.TerminateAsync(id, "no-longer-needed"));
        var ended = await host.Durable.CompletedAsync(id);
        Assert.Equal(("Terminated", "\"no-longer-needed\""), (ended.Status, ended.Output));
    }

    [Fact]
    public async Task A_suspended_instance_can_be_terminated()
    {
        var id = await host.Durable.StartRunningAsync("event_wait", "never");
        await host.Durable.SuspendAsync(id);
        await host.Durable.UntilAsync(id, "Suspended");
        Assert.Equal(HttpStatusCode.NoContent, await host.Durable.TerminateAsync(id));
        Assert.Equal("Terminated", (await host.Durable.CompletedAsync(id)).Status);
    }

    [Fact]
    public async Task Children_of_a_terminated_instance_go_on()
    {
        var child = ConformanceHost.NewId("child");
        var parent = await host.Durable.StartAsync("child_waits", child);
        await host.Durable.UntilAsync(child, "Running");
        await host.Durable.TerminateAsync(parent);
        Assert.Equal("Terminated", (await host.Durable.CompletedAsync(parent)).Status);
        Assert.Equal("Running", (await host.Durable.FindAsync(child))!.Status);
        await host.Durable.RaiseAsync(child, "go", "alone");
        Assert.Equal("\"alone\"", (await host.Durable.CompletedAsync(child)).Output);
    }

    [Fact]
    public async Task Finished_and_unknown_instances_are_refused()
    {
        var ended = (await host.Durable.RunAsync("flow_echo", "x")).Id;
        foreach (var id in new[] { ended, ConformanceHost.NewId() })
        {
            Assert.Equal(HttpStatusCode.BadRequest, await host.Durable.TerminateAsync(id));
            Assert.Equal(HttpStatusCode.BadRequest, await host.Durable.SuspendAsync(id));
            Assert.Equal(HttpStatusCode.BadRequest, await host.Durable.ResumeAsync(id));
        }

        Assert.Equal("Completed", (await host.Durable.FindAsync(ended))!.Status);
    }
}
