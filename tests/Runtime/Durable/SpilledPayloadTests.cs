using DataPlatform.Local.Runtime.Durable;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace DataPlatform.Local.Runtime.Tests.Durable;

public sealed class SpilledPayloadTests
{
    private static readonly string Big = string.Concat(Enumerable.Range(0, 2 * 1024 * 1024 / 8).Select(i => $"{i:d8}"));

    [Theory]
    [InlineData(64 * 1024 * 1024)]
    [InlineData(0)]
    public async Task Two_megabytes_go_through_every_door(long cacheBytes)
    {
        await using Harness host = await Harness.Start(
            registry => registry
                .Activity<string, string>("same", text => text)
                .Orchestrator("main", async context =>
                {
                    context.SetCustomStatus(context.GetInput<string>());
                    string result = await context.CallActivityAsync<string>("same", context.GetInput<string>());
                    string raised = await context.WaitForExternalEvent<string>("e");
                    string child = await context.CallSubOrchestratorAsync<string>("child", raised);
                    return result == raised && raised == child ? child : "different";
                })
                .Orchestrator("child", context => Task.FromResult(context.GetInput<string>())),
            configure: options => options with { CacheBytes = cacheBytes });
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync("main", Big);
        await host.Client.RaiseEventAsync(id, "e", Big);

        OrchestrationMetadata ended = await host.End(id);

        Assert.Equal(Big, ended.ReadOutputAs<string>());
        Assert.Equal(Big, ended.ReadInputAs<string>());
        Assert.Equal(Big, ended.ReadCustomStatusAs<string>());
        using SqliteSession session = new(host.Options.StorePath);
        Assert.Equal(0L, session.Scalar(
            "SELECT COUNT(*) FROM instances WHERE max(coalesce(length(input), 0), coalesce(length(output), 0), coalesce(length(custom_status), 0)) > 100"));
        Assert.Equal(0L, session.Scalar("SELECT COUNT(*) FROM history WHERE length(payload) > 100"));
        // Once for each instance, however often it comes up.
        Assert.Equal(2L, session.Scalar("SELECT COUNT(*) FROM payloads"));

        await host.Client.PurgeAllInstancesAsync(new PurgeInstancesFilter());
        Assert.Equal(0L, session.Scalar("SELECT COUNT(*) FROM payloads"));
    }

    [Fact]
    public async Task An_execution_that_is_over_leaves_only_what_the_next_one_has()
    {
        await using Harness host = await Harness.Start(registry => registry
            .Activity<string, string>("longer", text => text + "x")
            .Orchestrator("loop", async context =>
            {
                string next = await context.CallActivityAsync<string>("longer", context.GetInput<string>());
                if (next.Length < 40_005) context.ContinueAsNew(next);
                else await context.WaitForExternalEvent<string>("big");
                return next.Length;
            }));
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync("loop", new string('y', 40_000));
        await host.Client.RaiseEventAsync(id, "big", new string('z', 50_000));

        Assert.Equal(40_005, (await host.End(id)).ReadOutputAs<int>());
        using SqliteSession session = new(host.Options.StorePath);
        // The last input, the last result and the event that went over.
        Assert.Equal(3L, session.Scalar("SELECT COUNT(*) FROM payloads"));
    }

    [Fact]
    public async Task An_instance_that_has_ended_leaves_only_what_can_be_read_of_it()
    {
        await using Harness host = await Harness.Start(registry => registry
            .Activity<string, int>("length", text => text.Length)
            .Orchestrator("main", async context =>
            {
                int sum = 0;
                for (int i = 0; i < 5; i++)
                {
                    context.SetCustomStatus(new string((char)('a' + i), 30_000));
                    sum += await context.CallActivityAsync<int>("length", new string((char)('a' + i), 40_000));
                }

                return sum;
            }));

        Assert.Equal(200_000, (await host.Run("main")).ReadOutputAs<int>());
        using SqliteSession session = new(host.Options.StorePath);
        // The last custom status.
        Assert.Equal(1L, session.Scalar("SELECT COUNT(*) FROM payloads"));
    }

    [Fact]
    public async Task More_than_the_official_host_takes_is_refused()
    {
        await using Harness host = await Harness.Start(registry => registry.Orchestrator("main", _ => Task.FromResult(1)));

        InvalidOperationException refused = await Assert.ThrowsAsync<InvalidOperationException>(
            () => host.Client.ScheduleNewOrchestrationInstanceAsync("main", new string('x', 3 * 1024 * 1024)));

        Assert.Equal(
            "The input of orchestrator 'main' has 3,145,730 bytes as JSON, the limit is 2,500,000: store the data and pass its path instead.", refused.Message);
    }
}
