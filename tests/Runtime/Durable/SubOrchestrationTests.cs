using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace DataPlatform.Local.Runtime.Tests.Durable;

public sealed class SubOrchestrationTests
{
    [Fact]
    public async Task A_child_answers_its_parent_and_knows_it()
    {
        await using Harness host = await Harness.Start(registry => registry
            .Orchestrator("child", context => Task.FromResult($"{context.GetInput<int>()} from {context.Parent!.Name} {context.Parent.InstanceId}"))
            .Orchestrator("parent", async context =>
            {
                Assert.Null(context.Parent);
                return await context.CallSubOrchestratorAsync<string>("child", 7);
            }));

        Assert.Equal("7 from parent p1", (await host.Run("parent", id: "p1")).ReadOutputAs<string>());
    }

    [Fact]
    public async Task Children_fan_out_with_activities_of_their_own()
    {
        await using Harness host = await Harness.Start(registry => registry
            .Activity<int, int>("double", value => value * 2)
            .Orchestrator("child", async context =>
                (await Task.WhenAll(Enumerable.Range(0, 5).Select(i => context.CallActivityAsync<int>("double", context.GetInput<int>() + i)))).Sum())
            .Orchestrator("parent", async context =>
                (await Task.WhenAll(Enumerable.Range(0, 8).Select(i => context.CallSubOrchestratorAsync<int>("child", i * 10)))).Sum()));

        int expected = Enumerable.Range(0, 8).Sum(i => Enumerable.Range(0, 5).Sum(j => (i * 10 + j) * 2));
        Assert.Equal(expected, (await host.Run("parent")).ReadOutputAs<int>());
    }

    [Fact]
    public async Task A_failed_child_fails_the_call()
    {
        await using Harness host = await Harness.Start(registry => registry
            .Orchestrator<int>("child", _ => throw new InvalidDataException("no rows"))
            .Orchestrator("parent", async context =>
            {
                TaskFailedException failed = await Assert.ThrowsAsync<TaskFailedException>(() => context.CallSubOrchestratorAsync("child"));
                return $"{failed.TaskName}: {failed.FailureDetails.ErrorMessage}";
            }));

        Assert.Equal("child: no rows", (await host.Run("parent")).ReadOutputAs<string>());
    }

    [Fact]
    public async Task A_terminated_child_fails_the_call()
    {
        await using Harness host = await Harness.Start(registry => registry
            .Orchestrator("child", context => context.WaitForExternalEvent<int>("never"))
            .Orchestrator("parent", context => context.CallSubOrchestratorAsync<int>("child", options: new SubOrchestrationOptions(instanceId: "c1"))));
        string parent = await host.Client.ScheduleNewOrchestrationInstanceAsync("parent");
        await host.Client.WaitForInstanceStartAsync("c1");

        await host.Client.TerminateInstanceAsync("c1", "enough");

        OrchestrationMetadata ended = await host.End(parent);
        Assert.Equal(OrchestrationRuntimeStatus.Failed, ended.RuntimeStatus);
        Assert.Contains("Sub-orchestration 'c1' ended as Terminated. \"enough\"", ended.FailureDetails?.ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_id_that_runs_already_fails_the_call()
    {
        await using Harness host = await Harness.Start(registry => registry
            .Orchestrator("child", context => context.WaitForExternalEvent<int>("never"))
            .Orchestrator("parent", context => context.CallSubOrchestratorAsync<int>("child", options: new SubOrchestrationOptions(instanceId: "c1"))));
        await host.Client.ScheduleNewOrchestrationInstanceAsync("child", new StartOrchestrationOptions("c1"));

        OrchestrationMetadata ended = await host.Run("parent");

        Assert.Contains("already exists", ended.FailureDetails?.ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_orchestrator_fails_the_call()
    {
        await using Harness host = await Harness.Start(registry => registry
            .Orchestrator("parent", context => context.CallSubOrchestratorAsync<int>("nobody")));

        Assert.Contains("no orchestrator function named 'nobody'", (await host.Run("parent")).FailureDetails?.ErrorMessage, StringComparison.Ordinal);
    }
}
