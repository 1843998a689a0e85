using DataPlatform.Local.Runtime.Durable;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace DataPlatform.Local.Runtime.Tests.Durable;

public sealed class ActivityCallTests
{
    private sealed record Order(string Item, int Count);

    [Fact]
    public async Task Inputs_and_results_travel()
    {
        await using Harness host = await Harness.Start(registry => registry
            .Activity<Order, string>("describe", order => $"{order.Count} x {order.Item}")
            .Orchestrator("main", async context =>
            {
                Order order = context.GetInput<Order>()!;
                return await context.CallActivityAsync<string>("describe", order with { Count = order.Count + 1 });
            }));

        OrchestrationMetadata ended = await host.Run("main", new Order("nut", 2), "order-1");

        Assert.Equal(OrchestrationRuntimeStatus.Completed, ended.RuntimeStatus);
        Assert.Equal("3 x nut", ended.ReadOutputAs<string>());
        Assert.Equal(new Order("nut", 2), ended.ReadInputAs<Order>());
        Assert.Equal(("main", "order-1"), (ended.Name, ended.InstanceId));
        Assert.True(ended.IsCompleted);
    }

    [Theory]
    [InlineData("wrong-result", "The result of 'text' (#0) cannot be read as Int32: The JSON value could not be converted to System.Int32.")]
    [InlineData("wrong-input", "The input of 'text' cannot be read as String: The JSON value could not be converted to System.String.")]
    [InlineData("own-input", "The input of 'own-input' cannot be read as Order: The JSON value could not be converted to ")]
    public async Task A_payload_of_another_type_is_named(string orchestrator, string expected)
    {
        await using Harness host = await Harness.Start(registry => registry
            .Activity<string, string>("text", text => text)
            .Orchestrator("wrong-result", context => context.CallActivityAsync<int>("text", "a"))
            .Orchestrator("wrong-input", context => context.CallActivityAsync<string>("text", 42))
            .Orchestrator("own-input", context => Task.FromResult(context.GetInput<Order>())));

        Assert.Contains(expected, (await host.Run(orchestrator, 7)).FailureDetails?.ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_ignore_case_and_missing_results_are_default()
    {
        await using Harness host = await Harness.Start(registry => registry
            .AddActivity("Nothing", (_, _) => Task.FromResult<object?>(null))
            .Orchestrator("Main", async context =>
            {
                await context.CallActivityAsync("NOTHING");
                return await context.CallActivityAsync<int>("nothing") + (await context.CallActivityAsync<string>("nothing") ?? "none").Length;
            }));

        Assert.Equal(4, (await host.Run("MAIN")).ReadOutputAs<int>());
    }

    [Fact]
    public async Task A_chain_runs_in_order()
    {
        await using Harness host = await Harness.Start(registry => registry
            .Activity<int, int>("next", value => value + 1)
            .Orchestrator("chain", async context =>
            {
                int value = 0;
                for (int i = 0; i < 10; i++) value = await context.CallActivityAsync<int>("next", value);
                return value;
            }));

        Assert.Equal(10, (await host.Run("chain")).ReadOutputAs<int>());
    }

    [Fact]
    public async Task Fan_out_respects_the_limit_of_concurrent_activities()
    {
        int running = 0, most = 0;
        await using Harness host = await Harness.Start(
            registry => registry
                .ActivityAsync<int, int>("square", async (value, cancellation) =>
                {
                    int now = Interlocked.Increment(ref running);
                    InterlockedMax(ref most, now);
                    await Task.Delay(5, cancellation);
                    Interlocked.Decrement(ref running);
                    return value * value;
                })
                .Orchestrator("fan", async context =>
                    (await Task.WhenAll(Enumerable.Range(1, 60).Select(i => context.CallActivityAsync<int>("square", i)))).Sum()),
            configure: options => options with { MaxConcurrentActivities = 4 });

        Assert.Equal(Enumerable.Range(1, 60).Sum(i => i * i), (await host.Run("fan")).ReadOutputAs<int>());
        Assert.InRange(most, 2, 4);
    }

    [Fact]
    public async Task A_failure_reaches_the_orchestrator_with_its_message()
    {
        await using Harness host = await Harness.Start(registry => registry
            .Activity<int, int>("break", _ => throw new FormatException("row 7 is odd", new IOException("disk")))
            .Orchestrator("main", async context =>
            {
                TaskFailedException failed =
                    await Assert.ThrowsAsync<TaskFailedException>(() => context.CallActivityAsync("break"));
                Assert.Equal("Task 'break' (#0) failed with an unhandled exception: row 7 is odd", failed.Message);
                Assert.Equal(("break", 0), (failed.TaskName, failed.TaskId));
                Assert.True(failed.FailureDetails.IsCausedBy<FormatException>());
                Assert.False(failed.FailureDetails.IsCausedBy<IOException>());
                Assert.Equal("disk", failed.FailureDetails.InnerFailure?.ErrorMessage);
                return failed.FailureDetails.ErrorMessage;
            }));

        OrchestrationMetadata ended = await host.Run("main");

        Assert.Equal("row 7 is odd", ended.ReadOutputAs<string>());
    }

    [Fact]
    public async Task An_unhandled_failure_fails_the_instance_with_details()
    {
        await using Harness host = await Harness.Start(registry => registry
            .Activity<int, int>("break", _ => throw new FormatException("row 7 is odd"))
            .Orchestrator("main", async context => await context.CallActivityAsync<int>("break")));

        OrchestrationMetadata ended = await host.Run("main");

        Assert.Equal(OrchestrationRuntimeStatus.Failed, ended.RuntimeStatus);
        Assert.Equal("Microsoft.DurableTask.TaskFailedException", ended.FailureDetails?.ErrorType);
        Assert.Equal("Task 'break' (#0) failed with an unhandled exception: row 7 is odd", ended.FailureDetails?.ErrorMessage);
        Assert.Equal(("System.FormatException", "row 7 is odd"), (ended.FailureDetails!.InnerFailure!.ErrorType, ended.FailureDetails.InnerFailure.ErrorMessage));
        Assert.Contains("row 7 is odd", ended.SerializedOutput, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_activity_is_not_retried()
    {
        await using Harness host = await Harness.Start(registry => registry
            .Activity<int, int>("known", value => value)
            .Orchestrator("main", context => context.CallActivityAsync<int>(
                "unknown", options: TaskOptions.FromRetryPolicy(new RetryPolicy(5, TimeSpan.FromHours(1))))));

        OrchestrationMetadata ended = await host.Run("main");

        Assert.Equal("There is no activity function named 'unknown'. Known are: known.", ended.FailureDetails?.InnerFailure?.ErrorMessage);
    }

    [Fact]
    public async Task Task_options_given_as_input_are_refused()
    {
        await using Harness host = await Harness.Start(registry => registry
            .Orchestrator("main", context => context.CallActivityAsync<int>("any", (object)new TaskOptions())));

        Assert.Contains("'options:'", (await host.Run("main")).FailureDetails?.ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_orchestration_ends_only_when_its_open_activities_do()
    {
        TaskCompletionSource release = new();
        await using Harness host = await Harness.Start(registry => registry
            .ActivityAsync<int, int>("slow", async (_, _) =>
            {
                await release.Task;
                return 1;
            })
            .Activity<int, int>("fast", _ => 2)
            .Orchestrator("main", async context =>
            {
                _ = context.CallActivityAsync<int>("slow");
                return await context.CallActivityAsync<int>("fast");
            }));
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync("main");
        await host.Client.WaitForInstanceStartAsync(id);

        Assert.False((await host.Client.GetInstanceAsync(id))!.IsCompleted);
        release.SetResult();

        Assert.Equal(2, (await host.End(id)).ReadOutputAs<int>());
    }

    private static void InterlockedMax(ref int target, int value)
    {
        for (int seen = Volatile.Read(ref target); seen < value;)
        {
            int before = Interlocked.CompareExchange(ref target, value, seen);
            if (before == seen) return;
            seen = before;
        }
    }
}
