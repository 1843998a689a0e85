using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace DataPlatform.Local.Runtime.Tests.Durable;

public sealed class PayloadTests
{
    private static readonly string Big = new('x', 2000);

    private static Task<Harness> Start() => Harness.Start(
        registry => registry
            .Activity<string, int>("length", text => text.Length)
            .Activity<int, string>("big", _ => Big)
            .Orchestrator("main", async context =>
            {
                switch (context.GetInput<string>())
                {
                    case "input":
                        await context.CallActivityAsync("length", Big);
                        break;
                    case "result":
                        await context.CallActivityAsync("big");
                        break;
                    case "status":
                        context.SetCustomStatus(Big);
                        break;
                    case "output":
                        return Big;
                    default:
                        await context.WaitForExternalEvent<string>("e");
                        break;
                }

                return "";
            }),
        configure: options => options with { MaxPayloadBytes = 1000 });

    [Theory]
    [InlineData("input", "The input of 'length' has 2,002 bytes as JSON, the limit is 1,000")]
    [InlineData("result", "The result of activity 'big' has 2,002 bytes")]
    [InlineData("status", "The custom status has 2,002 bytes")]
    [InlineData("output", "The result of orchestrator 'main' has 2,002 bytes")]
    public async Task Too_much_data_fails_with_a_clear_message(string where, string message)
    {
        await using Harness host = await Start();

        OrchestrationMetadata ended = await host.Run("main", where);

        Assert.Equal(OrchestrationRuntimeStatus.Failed, ended.RuntimeStatus);
        Assert.Contains(message, ended.FailureDetails?.ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Too_much_data_is_refused_from_clients()
    {
        await using Harness host = await Start();
        await Assert.ThrowsAsync<InvalidOperationException>(() => host.Client.ScheduleNewOrchestrationInstanceAsync("main", Big));
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync("main");
        await Assert.ThrowsAsync<InvalidOperationException>(() => host.Client.RaiseEventAsync(id, "e", Big));
    }
}
