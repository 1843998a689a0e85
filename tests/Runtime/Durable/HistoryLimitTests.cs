using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace DataPlatform.Local.Runtime.Tests.Durable;

public sealed class HistoryLimitTests
{
    [Theory]
    [InlineData(false, "events, the limit is 50: begin anew by ContinueAsNew")]
    [InlineData(true, "bytes, the limit is 100,000: begin anew by ContinueAsNew")]
    public async Task A_history_that_grows_too_large_fails_its_orchestration_and_names_the_way_out(bool byBytes, string message)
    {
        await using Harness host = await Start(byBytes);

        OrchestrationMetadata ended = await host.Run("loop", byBytes);

        Assert.Equal(OrchestrationRuntimeStatus.Failed, ended.RuntimeStatus);
        Assert.Contains(message, ended.FailureDetails?.ErrorMessage, StringComparison.Ordinal);
        Assert.Equal("\"looping\"", ended.SerializedCustomStatus);
    }

    [Fact]
    public async Task ContinueAsNew_keeps_it_small()
    {
        await using Harness host = await Start(byBytes: false);

        Assert.Equal(100, (await host.Run("anew", 0)).ReadOutputAs<int>());
    }

    private static Task<Harness> Start(bool byBytes) => Harness.Start(
        registry => registry
            .Activity<int, string>("text", length => new string('x', length))
            .Orchestrator("loop", async context =>
            {
                context.SetCustomStatus("looping");
                for (int i = 0; i < 100; i++) await context.CallActivityAsync<string>("text", context.GetInput<bool>() ? 10_000 : 1);
                return 0;
            })
            .Orchestrator("anew", async context =>
            {
                int count = context.GetInput<int>();
                for (int i = 0; i < 10; i++) await context.CallActivityAsync<string>("text", 1);
                if (count + 10 < 100) context.ContinueAsNew(count + 10);
                return count + 10;
            }),
        configure: options => byBytes ? options with { MaxHistoryBytes = 100_000 } : options with { MaxHistoryEvents = 50 });
}
