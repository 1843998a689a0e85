using System.Net;
using System.Text;

namespace DataPlatform.Conformance.Tests.Management;

/// <summary>Steering instances over the management API.</summary>
public sealed class ActionTests(ConformanceHost host)
{
    private readonly ManagementApi _api = new(host);

    [Fact]
    public async Task An_event_is_202_and_arrives()
    {
        var id = await host.Durable.StartRunningAsync("event_number");
        Assert.Equal(HttpStatusCode.Accepted, await _api.StatusAsync(HttpMethod.Post, $"instances/{id}/raiseEvent/part", """{"Number":3}"""));
        Assert.Equal("3", (await host.Durable.CompletedAsync(id)).Output);
    }

    [Fact]
    public async Task An_event_that_is_not_JSON_is_400()
    {
        var id = await host.Durable.StartRunningAsync("event_wait", "go");
        Assert.Equal(HttpStatusCode.BadRequest, await _api.StatusAsync(HttpMethod.Post, $"instances/{id}/raiseEvent/go", "{not json"));
        var payload = await host.Durable.PayloadAsync(id);
        var target = new Uri(host.Address, new Uri(payload.SendEventPostUri.Replace("{eventName}", "go", StringComparison.Ordinal)).PathAndQuery);
        using var text = new StringContent("text", Encoding.UTF8, "text/plain");
        using var response = await host.Http.PostAsync(target, text, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        await host.Durable.TerminateAsync(id);
    }

    [Fact]
    public async Task Suspend_resume_and_terminate_are_202_and_take_effect()
    {
        var id = await host.Durable.StartRunningAsync("event_wait", "never");
        Assert.Equal(HttpStatusCode.Accepted, await _api.StatusAsync(HttpMethod.Post, $"instances/{id}/suspend?reason=test"));
        await host.Durable.UntilAsync(id, "Suspended");
        Assert.Equal(HttpStatusCode.Accepted, await _api.StatusAsync(HttpMethod.Get, $"instances/{id}"));
        Assert.Equal(HttpStatusCode.Accepted, await _api.StatusAsync(HttpMethod.Post, $"instances/{id}/resume?reason=test"));
        await host.Durable.UntilAsync(id, "Running");
        Assert.Equal(HttpStatusCode.Accepted, await _api.StatusAsync(HttpMethod.Post, $"instances/{id}/terminate?reason=enough"));
        var ended = await host.Durable.UntilAsync(id, "Terminated");
        Assert.Contains("enough", ended.Output, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, await _api.StatusAsync(HttpMethod.Get, $"instances/{id}"));
    }

    [Theory]
    [InlineData("terminate")]
    [InlineData("suspend")]
    [InlineData("resume")]
    [InlineData("raiseEvent/go")]
    public async Task On_a_finished_instance_they_are_410(string action)
    {
        var id = (await host.Durable.RunAsync("flow_echo", "x")).Id;
        Assert.Equal(HttpStatusCode.Gone, await _api.StatusAsync(HttpMethod.Post, $"instances/{id}/{action}", "{}"));
    }

    [Fact]
    public async Task A_payload_leads_to_its_instance()
    {
        var id = await host.Durable.StartRunningAsync("event_wait", "go");
        var payload = await host.Durable.PayloadAsync(id);
        Assert.Equal(id, payload.Id);
        using var status = await _api.FollowAsync(HttpMethod.Get, payload.StatusQueryGetUri);
        Assert.Equal(HttpStatusCode.Accepted, status.StatusCode);
        using var raised = await _api.FollowAsync(HttpMethod.Post, payload.SendEventPostUri.Replace("{eventName}", "go", StringComparison.Ordinal), "\"x\"");
        Assert.Equal(HttpStatusCode.Accepted, raised.StatusCode);
        Assert.Equal("\"x\"", (await host.Durable.CompletedAsync(id)).Output);
        using var purged = await _api.FollowAsync(HttpMethod.Delete, payload.PurgeHistoryDeleteUri);
        Assert.Equal(HttpStatusCode.OK, purged.StatusCode);
        Assert.Null(await host.Durable.FindAsync(id));
    }
}
