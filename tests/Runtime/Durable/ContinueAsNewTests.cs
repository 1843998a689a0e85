using DataPlatform.Local.Runtime.Durable;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace DataPlatform.Local.Runtime.Tests.Durable;

public sealed class ContinueAsNewTests
{
    [Fact]
    public async Task Each_execution_begins_anew_with_the_next_input()
    {
        await using Harness host = await Harness.Start(registry => registry
            .Activity<int, int>("next", value => value + 1)
            .Orchestrator("loop", async context =>
            {
                int value = await context.CallActivityAsync<int>("next", context.GetInput<int>());
                if (value < 20) context.ContinueAsNew(value);
                return value;
            }));

        OrchestrationMetadata ended = await host.Run("loop", 0);

        Assert.Equal(20, ended.ReadOutputAs<int>());
        Assert.Equal(1, host.History(ended.InstanceId).Count(step => step.Kind == HistoryEventKind.TaskScheduled));
    }

    [Theory]
    [InlineData(true, 6)]
    [InlineData(false, 0)]
    public async Task Unprocessed_events_go_over_if_wanted(bool keep, int expected)
    {
        await using Harness host = await Harness.Start(registry => registry
            .Orchestrator("sum", async context =>
            {
                if (context.GetInput<string>() is null)
                {
                    await context.WaitForExternalEvent<bool>("go");
                    context.ContinueAsNew("second", keep);
                    return 0;
                }

                int sum = 0;
                for (int i = 0; i < 3 && keep; i++) sum = sum * 2 + await context.WaitForExternalEvent<int>("n");
                return sum;
            }));
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync("sum");
        foreach (int n in new[] { 1, 0, 2 }) await host.Client.RaiseEventAsync(id, "n", n);
        await host.Client.RaiseEventAsync(id, "go", true);

        Assert.Equal(expected, (await host.End(id)).ReadOutputAs<int>());
    }

    [Fact]
    public async Task A_timer_left_over_by_an_execution_does_not_fire_in_the_next()
    {
        await using Harness host = await Harness.Start(registry => registry
            .Activity<int, int>("work", value => value)
            .Orchestrator("main", async context =>
            {
                if (context.GetInput<int>() == 0)
                {
                    using CancellationTokenSource stop = new();
                    Task timer = context.CreateTimer(TimeSpan.FromMilliseconds(30), stop.Token);
                    await context.CallActivityAsync<int>("work");
                    stop.Cancel();
                    context.ContinueAsNew(1);
                    return "";
                }

                // The same number as the old timer had.
                Task<bool> waiting = context.WaitForExternalEvent<bool>("go");
                Task late = context.CreateTimer(TimeSpan.FromMilliseconds(200), CancellationToken.None);
                DateTime start = context.CurrentUtcDateTime;
                await late;
                return (context.CurrentUtcDateTime - start).TotalMilliseconds >= 200 ? "own" : "stale";
            }));

        Assert.Equal("own", (await host.Run("main")).ReadOutputAs<string>());
    }

    [Fact]
    public async Task A_version_may_be_given_to_the_next_execution()
    {
        await using Harness host = await Harness.Start(registry => registry
            .Orchestrator("main", context =>
            {
                if (context.Version == "1") context.ContinueAsNew(new ContinueAsNewOptions { NewVersion = "2" });
                return Task.FromResult(context.Version);
            }));
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync("main", new StartOrchestrationOptions { Version = "1" });

        Assert.Equal("2", (await host.End(id)).ReadOutputAs<string>());
    }

    [Fact]
    public async Task The_custom_status_stays_until_it_is_set_again()
    {
        await using Harness host = await Harness.Start(registry => registry
            .Orchestrator("main", async context =>
            {
                if (context.GetInput<int>() == 0)
                {
                    context.SetCustomStatus("from the first");
                    context.ContinueAsNew(1);
                    return 0;
                }

                await context.WaitForExternalEvent<bool>("go");
                return 1;
            }));
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync("main", 0);
        await host.Until(id, state => state.SerializedInput == "1");
        await host.Client.RaiseEventAsync(id, "go", true);

        Assert.Equal("from the first", (await host.End(id)).ReadCustomStatusAs<string>());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_event_that_comes_after_the_call_goes_over_in_any_case_and_to_no_waiter(bool keep)
    {
        Harness? running = null;
        await using Harness host = running = await Harness.Start(registry => registry
            .ActivityAsync<string, int>("raise", async (id, cancellation) =>
            {
                await running!.Client.RaiseEventAsync(id, "n", 7, cancellation);
                return 0;
            })
            .Orchestrator("main", async context =>
            {
                Task<int> waiting = context.WaitForExternalEvent<int>("n");
                if (context.GetInput<string>() == "second") return await waiting;
                context.ContinueAsNew("second", keep);
                await context.CallActivityAsync("raise", context.InstanceId);
                return -1;
            }));

        Assert.Equal(7, (await host.Run("main", "first")).ReadOutputAs<int>());
    }
}
