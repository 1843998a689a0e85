using System.Text;
using DataPlatform.Local.EventHubs;
using DataPlatform.Local.EventHubs.Client;

namespace DataPlatform.Local.Runtime.Tests.EventHubs;

/// <summary>An endpoint with a hub <c>events</c> of four partitions, and a client to it.</summary>
internal sealed class TestHubs : IAsyncDisposable
{
    public const string Configuration = """
        {"UserConfig": {"NamespaceConfig": [{"Type": "EventHub", "Name": "tests", "Entities": [{"Name": "events", "PartitionCount": 4}]}]}}
        """;

    private readonly TempFolder _folder = new();
    private EventHubsEndpoint _endpoint = null!;

    public HubClient Client { get; private set; } = null!;

    public string ConnectionString => _endpoint.ConnectionString;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<TestHubs> StartAsync()
    {
        var hubs = new TestHubs();
        await hubs.OpenAsync(0);
        hubs.Client = new HubClient(HubConnectionString.Parse(hubs.ConnectionString));
        return hubs;
    }

    /// <summary>Ends the endpoint and starts it again on its port, with its events or without.</summary>
    public async Task RestartAsync(bool anew = false)
    {
        var port = HubConnectionString.Parse(ConnectionString).Port;
        await _endpoint.DisposeAsync();
        if (anew)
        {
            Directory.Delete(_folder.Path, recursive: true);
        }

        await OpenAsync(port);
    }

    /// <summary>Sends numbered events to the partition of a key.</summary>
    public async Task SendAsync(string key, int from, int count)
    {
        for (var next = from; next < from + count; next += 50)
        {
            await Client.SendAsync("events", key, [.. Enumerable.Range(next, Math.Min(50, from + count - next)).Select(i => new SentEvent(Encoding.UTF8.GetBytes($"{key}:{i}")))], Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        await _endpoint.DisposeAsync();
        _folder.Dispose();
    }

    private async Task OpenAsync(int port) => _endpoint = await EventHubsEndpoint.StartAsync(
        new EventHubsEndpointOptions { Folder = _folder.Path, Configuration = Configuration, Port = port, HealthPort = null, EndsBySignal = false },
        cancellationToken: Token);
}
