using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace DataPlatform.Conformance.Tests.Management;

/// <summary>Reading one instance over the management API.</summary>
public sealed class StatusTests(ConformanceHost host)
{
    private readonly ManagementApi _api = new(host);

    [Fact]
    public async Task A_running_instance_is_202_with_the_place_to_ask_again()
    {
        var id = await host.Durable.StartRunningAsync("event_wait", "never");
        using var response = await _api.SendAsync(HttpMethod.Get, $"instances/{id}");
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Contains($"/runtime/webhooks/durabletask/instances/{id}", response.Headers.Location?.OriginalString, StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromSeconds(5), response.Headers.RetryAfter?.Delta);
        Assert.Equal("Running", (await ReadAsync(response)).RuntimeStatus);
        await host.Durable.TerminateAsync(id);
    }

    [Fact]
    public async Task A_finished_instance_is_200_with_everything()
    {
        var ended = await host.Durable.RunAsync("flow_record", new { Number = 1, Label = "x" });
        using var response = await _api.SendAsync(HttpMethod.Get, $"instances/{ended.Id}");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Null(response.Headers.Location);
        var seen = await ReadAsync(response);
        Assert.Equal((ended.Id, "flow_record", "Completed"), (seen.InstanceId, seen.Name, seen.RuntimeStatus));
        Assert.Equal(1, seen.Input.GetProperty("Number").GetInt32());
        Assert.Equal(2, seen.Output.GetProperty("Number").GetInt32());
        Assert.Equal(JsonValueKind.Null, seen.CustomStatus.ValueKind);
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$", seen.CreatedTime);
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$", seen.LastUpdatedTime);
    }

    [Fact]
    public async Task Inputs_can_be_left_out()
    {
        var ended = await host.Durable.RunAsync("flow_echo", "x");
        using var response = await _api.SendAsync(HttpMethod.Get, $"instances/{ended.Id}?showInput=false");
        var seen = await ReadAsync(response);
        Assert.Equal(JsonValueKind.Null, seen.Input.ValueKind);
        Assert.Equal("x", seen.Output.GetString());
    }

    [Fact]
    public async Task A_failed_instance_is_200_or_500_as_wanted()
    {
        var id = (await host.Durable.RunAsync("failure_own")).Id;
        using var usual = await _api.SendAsync(HttpMethod.Get, $"instances/{id}");
        Assert.Equal(HttpStatusCode.OK, usual.StatusCode);
        var seen = await ReadAsync(usual);
        Assert.Equal("Failed", seen.RuntimeStatus);
        Assert.Contains("The orchestrator itself failed.", seen.Output.ToString(), StringComparison.Ordinal);
        Assert.Equal(
            HttpStatusCode.InternalServerError,
            await _api.StatusAsync(HttpMethod.Get, $"instances/{id}?returnInternalServerErrorOnFailure=true"));
    }

    [Theory]
    [InlineData("GET", "instances/nobody")]
    [InlineData("DELETE", "instances/nobody")]
    [InlineData("POST", "instances/nobody/terminate")]
    [InlineData("POST", "instances/nobody/suspend")]
    [InlineData("POST", "instances/nobody/resume")]
    [InlineData("POST", "instances/nobody/raiseEvent/go")]
    [InlineData("PUT", "instances/nobody")]
    [InlineData("GET", "instances/nobody/terminate")]
    [InlineData("GET", "instances/nobody/raiseEvent/go")]
    [InlineData("GET", "orchestrators/flow_echo")]
    [InlineData("GET", "elsewhere")]
    public async Task Unknown_instances_places_and_methods_are_404(string method, string target) =>
        Assert.Equal(HttpStatusCode.NotFound, await _api.StatusAsync(new HttpMethod(method), target, method == "POST" ? "{}" : null));

    private static async Task<ManagedInstance> ReadAsync(HttpResponseMessage response) =>
        (await response.Content.ReadFromJsonAsync<ManagedInstance>(TestContext.Current.CancellationToken))!;
}
