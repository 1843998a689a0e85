using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json;
using DataPlatform.TestKit;

namespace DataPlatform.EndToEnd.Tests;

/// <summary>Events over HTTP: those of the CloudEvents project's own SDK, the handshake of webhooks, and the gateway's choice.</summary>
public sealed class CloudEventTests(PlatformFixture platform) : IClassFixture<PlatformFixture>
{
    private const string Contract = """
        { "fields": [ {"name": "event", "type": "string", "source": "ce:id", "required": true}, {"name": "happened", "type": "timestamp", "source": "ce:time", "required": true},
                      {"name": "subject", "type": "string", "source": "ce:subject", "enum": ["cellar"], "required": true},
                      {"name": "hops", "type": "int32", "source": "ce:hops", "required": true}, {"name": "urgent", "type": "bool", "source": "ce:urgent", "required": true},
                      {"name": "celsius", "type": "float64", "required": true}, {"name": "note", "type": "string", "enum": ["Keller ☂"]} ] }
        """;

    [Theory]
    [InlineData("", "realtime", "batch")]
    [InlineData("/records", "realtime", "realtime")]
    [InlineData("/batches", "batch", "batch")]
    public async Task Events_of_the_official_SDK_are_loaded_once_in_any_mode(string route, string service, string batchService)
    {
        const int events = 5;
        var dataset = PlatformFixture.NewName("events");
        var api = new PlatformApi(platform.Client);
        await api.PutAsync("datasets", dataset, Contract);
        var address = new Uri(platform.Client.BaseAddress!, $"/api/v1/ingest/{dataset}{route}");
        var key = platform.Client.DefaultRequestHeaders.TryGetValues("x-api-key", out var keys) ? keys.First() : "";
        var result = await SendAsync(address.ToString(), key, $"{events}");
        Assert.Equal(Enumerable.Repeat(200, events), result.GetProperty("binary").EnumerateArray().Select(status => status.GetInt32()));
        Assert.Equal(Enumerable.Repeat(200, events), result.GetProperty("structured").EnumerateArray().Select(status => status.GetInt32()));
        Assert.Equal((200, events, 2 * events),
            (result.GetProperty("batch").GetInt32(), result.GetProperty("loaded").GetInt32(), result.GetProperty("duplicate").GetInt32()));
        Assert.Equal(new[] { service, batchService }.Distinct(), result.GetProperty("services").EnumerateArray().Select(name => name.GetString()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/records")]
    [InlineData("/batches")]
    public async Task A_sender_that_asks_for_leave_gets_it(string route)
    {
        using var request = new HttpRequestMessage(HttpMethod.Options, $"/api/v1/ingest/anything{route}");
        request.Headers.Add("WebHook-Request-Origin", "eventgrid.azure.net");
        request.Headers.Add("WebHook-Request-Rate", "120");
        using var client = new HttpClient { BaseAddress = platform.Client.BaseAddress };
        using var answer = await client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("eventgrid.azure.net", Assert.Single(answer.Headers.GetValues("WebHook-Allowed-Origin")));
        Assert.Equal("120", Assert.Single(answer.Headers.GetValues("WebHook-Allowed-Rate")));
        Assert.Contains("POST", answer.Content.Headers.Allow);
    }

    [Theory]
    [InlineData("/api/v1/ingest/anything", null, HttpStatusCode.NoContent)]
    [InlineData("/api/v1/datasets/anything", "eventgrid.azure.net", HttpStatusCode.NoContent)]
    [InlineData("/api/v1/ingest/anything", "no name", HttpStatusCode.BadRequest)]
    public async Task Other_questions_are_no_handshake(string path, string? origin, HttpStatusCode status)
    {
        using var request = new HttpRequestMessage(HttpMethod.Options, path);
        if (origin is not null)
            request.Headers.TryAddWithoutValidation("WebHook-Request-Origin", origin);
        using var answer = await platform.Client.SendAsync(request);
        Assert.Equal(status, answer.StatusCode);
        Assert.False(answer.Headers.Contains("WebHook-Allowed-Origin"));
    }

    [Fact]
    public async Task A_route_chooses_service_and_dataset_and_says_so()
    {
        var (inbox, readings) = (PlatformFixture.NewName("inbox"), PlatformFixture.NewName("readings"));
        var route = PlatformFixture.NewName("devices");
        var api = new PlatformApi(platform.Client);
        await api.PutAsync("datasets", readings, """{ "fields": [ {"name": "celsius", "type": "float64"} ] }""");
        await api.PutAsync("routes", route, $$"""{ "dataset": "{{inbox}}", "when": { "source": ["urn:device:*"] }, "service": "realtime", "to": "{{readings}}" }""");

        await PlatformApi.UntilAsync(
            () => PostAsync($"/api/v1/ingest/{inbox}?source=urn:device:7", """[{"celsius": 1}, {"celsius": 2}]"""),
            answer => answer is (HttpStatusCode.OK, "realtime", var by) && by == route,
            "the route did not take the request");
        Assert.Equal(HttpStatusCode.NotFound, (await PostAsync($"/api/v1/ingest/{inbox}?source=urn:robot:7", "[]")).Status);
        using var deleted = await platform.Client.DeleteAsync($"/api/v1/routes/{route}");
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
    }

    private async Task<(HttpStatusCode Status, string? Service, string? Route)> PostAsync(string address, string json)
    {
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        using var answer = await platform.Client.PostAsync(address, content);
        return (answer.StatusCode, Header("DataPlatform-Service"), Header("DataPlatform-Route"));

        string? Header(string name) => answer.Headers.TryGetValues(name, out var values) ? values.Single() : null;
    }

    private static async Task<JsonElement> SendAsync(params string[] arguments)
    {
        var script = Path.Combine(Repository.Root, "tests", "EndToEnd", "Judges", "send-events.mjs");
        using var node = Process.Start(new ProcessStartInfo("node", [script, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        })!;
        var answer = node.StandardOutput.ReadToEndAsync();
        var error = await node.StandardError.ReadToEndAsync();
        await node.WaitForExitAsync();
        Assert.True(node.ExitCode == 0, error);
        return JsonDocument.Parse(await answer).RootElement;
    }
}
