using System.Net;
using System.Net.Http.Json;

namespace DataPlatform.Conformance.Tests.Management;

/// <summary>Starting instances over the management API.</summary>
public sealed class StartTests(ConformanceHost host)
{
    private readonly ManagementApi _api = new(host);

    [Fact]
    public async Task A_start_is_202_with_the_addresses_of_the_instance()
    {
        var id = ConformanceHost.NewId();
        using var response = await _api.SendAsync(HttpMethod.Post, $"orchestrators/flow_echo/{id}", "\"hello\"");
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Contains($"/instances/{id}", response.Headers.Location?.OriginalString, StringComparison.Ordinal);
        Assert.NotNull(response.Headers.RetryAfter?.Delta);
        var payload = (await response.Content.ReadFromJsonAsync<ManagementPayload>(TestContext.Current.CancellationToken))!;
        Assert.Equal(id, payload.Id);
        Assert.Contains($"/instances/{id}/terminate?", payload.TerminatePostUri, StringComparison.Ordinal);
        Assert.Equal("\"hello\"", (await host.Durable.CompletedAsync(id)).Output);
    }

    [Fact]
    public async Task Without_an_id_it_gets_one()
    {
        using var response = await _api.SendAsync(HttpMethod.Post, "orchestrators/flow_echo");
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        var payload = (await response.Content.ReadFromJsonAsync<ManagementPayload>(TestContext.Current.CancellationToken))!;
        Assert.Equal("Completed", (await host.Durable.CompletedAsync(payload.Id)).Status);
    }

    [Fact]
    public async Task Input_that_is_not_JSON_is_400() =>
        Assert.Equal(HttpStatusCode.BadRequest, await _api.StatusAsync(HttpMethod.Post, "orchestrators/flow_echo", "{not json"));

    [Fact]
    public async Task An_orchestrator_that_does_not_exist_is_refused_or_its_instance_fails()
    {
        var id = ConformanceHost.NewId();
        if (await _api.StatusAsync(HttpMethod.Post, $"orchestrators/not_there/{id}", "{}") == HttpStatusCode.BadRequest)
            Assert.Null(await host.Durable.FindAsync(id));
        else
            Assert.Contains("not_there", (await host.Durable.UntilAsync(id, "Failed")).Reason, StringComparison.Ordinal);
    }
}
