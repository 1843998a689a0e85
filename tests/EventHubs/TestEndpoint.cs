using DataPlatform.Local.EventHubs;

namespace DataPlatform.Local.EventHubs.Tests;

/// <summary>An endpoint of its own: free ports, a fresh folder; hubs <c>flights</c> (4 partitions, groups $Default and second) and <c>single</c> (1).</summary>
internal sealed class TestEndpoint : IAsyncDisposable
{
    public const string Configuration = """
        {"UserConfig": {"NamespaceConfig": [{"Type": "EventHub", "Name": "tests", "Entities": [
            {"Name": "flights", "PartitionCount": "4", "ConsumerGroups": [{"Name": "second"}]},
            {"Name": "single", "PartitionCount": "1"}]}]}}
        """;

    private readonly TemporaryFolder _folder;

    private TestEndpoint(TemporaryFolder folder, EventHubsEndpoint endpoint)
    {
        _folder = folder;
        Endpoint = endpoint;
    }

    public EventHubsEndpoint Endpoint { get; }

    public string ConnectionString => Endpoint.ConnectionString;

    public int Port => new Uri(ConnectionString.Split(';')[0]["Endpoint=".Length..]).Port;

    public static async Task<TestEndpoint> StartAsync(Func<EventHubsEndpointOptions, EventHubsEndpointOptions>? change = null)
    {
        var folder = new TemporaryFolder();
        try
        {
            var options = new EventHubsEndpointOptions { Folder = folder.Path, Configuration = Configuration, Port = 0, HealthPort = 0 };
            return new TestEndpoint(folder, await EventHubsEndpoint.StartAsync(change?.Invoke(options) ?? options));
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Endpoint.DisposeAsync();
        _folder.Dispose();
    }
}
