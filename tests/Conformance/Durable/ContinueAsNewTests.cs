namespace DataPlatform.Conformance.Tests.Durable;

/// <summary>Orchestrations that begin anew.</summary>
public sealed class ContinueAsNewTests(ConformanceHost host)
{
    [Fact]
    public async Task Each_execution_gets_the_new_input_and_the_last_one_gives_the_result()
    {
        var ended = await host.Durable.RunAsync("time_continue", 0);
        Assert.Equal("\"ended in round 4\"", ended.Output);
        Assert.Equal("4", ended.Input);
        Assert.Equal("\"round 4\"", ended.CustomStatus);
        Assert.Equal(5, (await host.ObservedAsync(ended.Id)).Count);
    }
}
