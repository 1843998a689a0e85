using DataPlatform.Local.Runtime.Durable;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace DataPlatform.Local.Runtime.Tests.Durable;

public sealed class ExternalEventTests
{
    private sealed record Approval(string By);

    [Fact]
    public async Task An_event_reaches_its_waiter_whatever_its_case()
    {
        await using Harness host = await Harness.Start(registry => registry
            .Orchestrator("main", async context => (await context.WaitForExternalEvent<Approval>("Approved")).By));
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync("main");
        await host.Client.WaitForInstanceStartAsync(id);

        await host.Client.RaiseEventAsync(id, "APPROVED", new Approval("ann"));

        Assert.Equal("ann", (await host.End(id)).ReadOutputAs<string>());
    }

    [Fact]
    public async Task Events_raised_early_are_kept_in_order()
    {
        await using Harness host = await Harness.Start(registry => registry
            .Orchestrator("main", async context =>
            {
                await context.WaitForExternalEvent<bool>("go");
                return await context.WaitForExternalEvent<int>("n") * 10 + await context.WaitForExternalEvent<int>("n");
            }));
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync("main");
        await host.Client.RaiseEventAsync(id, "n", 1);
        await host.Client.RaiseEventAsync(id, "n", 2);
        await host.Client.RaiseEventAsync(id, "go", true);

        Assert.Equal(12, (await host.End(id)).ReadOutputAs<int>());
    }

    [Fact]
    public async Task The_latest_waiter_is_served_first()
    {
        await using Harness host = await Harness.Start(registry => registry
            .Orchestrator("main", async context =>
            {
                Task<int> first = context.WaitForExternalEvent<int>("n");
                Task<int> second = context.WaitForExternalEvent<int>("n");
                return $"{await second} {await first}";
            }));
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync("main");
        await host.Client.RaiseEventAsync(id, "n", 1);
        await host.Client.RaiseEventAsync(id, "n", 2);

        Assert.Equal("1 2", (await host.End(id)).ReadOutputAs<string>());
    }

    [Fact]
    public async Task A_wait_that_timed_out_swallows_the_next_event_as_on_the_official_host_and_says_so()
    {
        await using Harness host = await Harness.Start(registry => registry
            .Orchestrator("main", async context =>
            {
                try
                {
                    await context.WaitForExternalEvent<int>("n", TimeSpan.FromMilliseconds(20));
                    return -1;
                }
                catch (OperationCanceledException)
                {
                    context.SetCustomStatus("timed out");
                }

                await context.WaitForExternalEvent<bool>("go");
                return await context.WaitForExternalEvent<int>("n");
            }));
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync("main");
        await host.Until(id, state => state.SerializedCustomStatus is not null);
        await host.Client.RaiseEventAsync(id, "n", 5);
        await host.Client.RaiseEventAsync(id, "n", 6);
        await host.Client.RaiseEventAsync(id, "go", true);

        Assert.Equal(6, (await host.End(id)).ReadOutputAs<int>());
        Assert.Single(host.Logs.Entries, entry => entry.Message.Contains("Event n of", StringComparison.Ordinal) && entry.Message.Contains("is lost", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_malformed_event_fails_the_waiter_only()
    {
        await using Harness host = await Harness.Start(registry => registry
            .Orchestrator("main", async context =>
            {
                InvalidOperationException broken = await Assert.ThrowsAsync<InvalidOperationException>(() => context.WaitForExternalEvent<int>("n"));
                Assert.Contains("event 'n' can't be read as System.Int32", broken.Message, StringComparison.Ordinal);
                return await context.WaitForExternalEvent<int>("n");
            }));
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync("main");
        await host.Client.RaiseEventAsync(id, "n", "not a number");
        await host.Client.RaiseEventAsync(id, "n", 3);

        Assert.Equal(3, (await host.End(id)).ReadOutputAs<int>());
    }

    [Fact]
    public async Task Orchestrations_send_events_to_each_other()
    {
        await using Harness host = await Harness.Start(registry => registry
            .Orchestrator("pong", async context =>
            {
                string from = await context.WaitForExternalEvent<string>("ping");
                context.SendEvent(from, "pong", 42);
                context.SendEvent("nobody", "pong", 1);
                return from;
            })
            .Orchestrator("ping", async context =>
            {
                context.SendEvent("b", "ping", context.InstanceId);
                return await context.WaitForExternalEvent<int>("pong");
            }));
        await host.Client.ScheduleNewOrchestrationInstanceAsync("pong", new StartOrchestrationOptions("b"));

        Assert.Equal(42, (await host.Run("ping", id: "a")).ReadOutputAs<int>());
        Assert.Equal("a", (await host.End("b")).ReadOutputAs<string>());
    }

    [Fact]
    public async Task More_events_than_a_turn_reads_at_once_arrive_all()
    {
        const int Count = InboxTable.MostAtOnce + 300;
        await using Harness host = await Harness.Start(registry => registry
            .Orchestrator("sum", async context =>
            {
                int sum = 0;
                for (int i = 0; i < Count; i++) sum += await context.WaitForExternalEvent<int>("n");
                return sum;
            }));
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync("sum");
        await host.Client.WaitForInstanceStartAsync(id);
        await host.Client.SuspendInstanceAsync(id);
        await Task.WhenAll(Enumerable.Range(1, Count).Select(i => host.Client.RaiseEventAsync(id, "n", i)));
        await host.Client.ResumeInstanceAsync(id);

        Assert.Equal(Enumerable.Range(1, Count).Sum(), (await host.End(id)).ReadOutputAs<int>());
    }
}
