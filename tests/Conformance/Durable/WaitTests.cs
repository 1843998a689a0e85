using System.Net;
using System.Net.Http.Json;

namespace DataPlatform.Conformance.Tests.Durable;

/// <summary>Waiting for an instance in the client.</summary>
public sealed class WaitTests(ConformanceHost host)
{
    [Fact]
    public async Task Waiting_for_the_start_and_for_the_end()
    {
        var id = await host.Durable.StartAsync("flow_gate");
        var started = await WaitAsync(id, "wait-start");
        Assert.Equal("Running", started.Status);
        var waiting = WaitAsync(id, "wait-completion");
        await host.OpenGateAsync(id);
        var ended = await waiting;
        Assert.Equal(("Completed", "\"passed\""), (ended.Status, ended.Output));
        Assert.Equal("Completed", (await WaitAsync(id, "wait-start")).Status);
    }

    [Fact]
    public async Task Waiting_ends_with_the_callers_token()
    {
        var id = await host.Durable.StartRunningAsync("event_wait", "never");
        using var response = await host.Durable.SendAsync(HttpMethod.Get, $"instances/{id}/wait-completion?seconds=1.5");
        Assert.Equal(HttpStatusCode.RequestTimeout, response.StatusCode);
        await host.Durable.TerminateAsync(id);
        Assert.Equal("Terminated", (await WaitAsync(id, "wait-completion")).Status);
    }

    private async Task<Instance> WaitAsync(string id, string what)
    {
        using var response = await host.Durable.SendAsync(HttpMethod.Get, $"instances/{id}/{what}");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync<Instance>(TestContext.Current.CancellationToken))!;
    }
}
