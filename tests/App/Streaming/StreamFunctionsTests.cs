using System.Diagnostics;
using System.Text;
using System.Text.Json;
using DataPlatform.Local.EventHubs;
using DataPlatform.Local.EventHubs.Client;
using DataPlatform.TestKit;

namespace DataPlatform.App.Tests.Streaming;

/// <summary>From a hub to the table, with the platform as a process of its own.</summary>
public sealed class StreamFunctionsTests : IAsyncLifetime
{
    private const string Configuration = """
        {"UserConfig": {"NamespaceConfig": [{"Type": "EventHub", "Name": "tests", "Entities": [{"Name": "events", "PartitionCount": 2}]}]}}
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("dataplatform-").FullName;
    private EventHubsEndpoint _endpoint = null!;
    private HubClient _client = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _endpoint = await EventHubsEndpoint.StartAsync(
            new EventHubsEndpointOptions { Folder = Path.Combine(_folder, "hubs"), Configuration = Configuration, Port = 0, HealthPort = null }, cancellationToken: Token);
        _client = new HubClient(HubConnectionString.Parse(_endpoint.ConnectionString));
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _endpoint.DisposeAsync();
        Leftovers.Delete(_folder);
    }

    [Fact]
    public async Task Events_of_ours_and_of_the_official_client_are_in_the_table_once_also_after_a_kill()
    {
        await using (var host = await StartAsync())
        {
            using var contract = new StringContent(
                """{ "fields": [ {"name": "id", "type": "int64", "required": true}, {"name": "name", "type": "string"} ] }""", Encoding.UTF8, "application/json");
            using var put = await host.Client.PutAsync("/api/v1/datasets/things", contract, Token);
            Assert.True(put.IsSuccessStatusCode);
            await SendAsync(0, 200);
            Assert.Equal(200, await CountAsync(host, 200));
            await SendAsync(200, 300);
            await host.KillAsync();
        }

        await using var next = await StartAsync();
        var expected = 500;
        if (Directory.Exists(Path.Combine(Repository.Root, "node_modules", "@azure", "event-hubs")))
        {
            await SendOfficialAsync(500, 100);
            expected += 100;
        }

        Assert.Equal(expected, await CountAsync(next, expected));
    }

    private Task<AppHost> StartAsync() => AppHost.StartAsync(
        $"folder:{_folder}/store", _folder, new Dictionary<string, string> { ["EventHubs"] = _endpoint.ConnectionString }, Token);

    private async Task SendAsync(int from, int count)
    {
        for (var next = from; next < from + count; next += 20)
        {
            await _client.SendAsync("events", $"k{next}", [.. Enumerable.Range(next, 20).Select(id => new SentEvent(Encoding.UTF8.GetBytes($$"""{"id": {{id}}, "name": "net"}"""))
            {
                Properties = [KeyValuePair.Create("dataset", (object)"things")],
            })], Token);
        }
    }

    private async Task SendOfficialAsync(int from, int count)
    {
        var script = Path.Combine(Repository.Root, "tests", "App", "Streaming", "send-rows.mjs");
        var start = new ProcessStartInfo("node", [script, "things", $"{from}", $"{count}"]) { RedirectStandardError = true, UseShellExecute = false };
        start.Environment["EVENT_HUBS"] = _endpoint.ConnectionString;
        using var node = Process.Start(start)!;
        var error = await node.StandardError.ReadToEndAsync(Token);
        await node.WaitForExitAsync(Token);
        Assert.True(node.ExitCode == 0, error);
    }

    /// <returns>The rows of the table, when there are so many at least, or when those do not come.</returns>
    private static async Task<long> CountAsync(AppHost host, long atLeast)
    {
        for (var tries = 1; ; tries++)
        {
            using var answer = await host.Client.GetAsync("/api/v1/datasets/things/rows?count=true&top=1", Token);
            if (answer.IsSuccessStatusCode)
            {
                using var table = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Token));
                if (table.RootElement.GetProperty("count").GetInt64() is var rows && (rows >= atLeast || tries > 900))
                    return rows;
            }
            else
            {
                Assert.True(tries < 900, host.Log);
            }

            await Task.Delay(100, Token);
        }
    }
}
