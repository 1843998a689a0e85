using DataPlatform.App.Local;
using DataPlatform.Failures;
using DataPlatform.Ingestion.Streaming;
using DataPlatform.Local.EventHubs;
using DataPlatform.Local.EventHubs.Client;

namespace DataPlatform.App.Tests.Local;

/// <summary>What a caller is told of the hub on this machine, with a real endpoint.</summary>
public sealed class LocalEventPublisherTests : IAsyncLifetime
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
            new EventHubsEndpointOptions { Folder = _folder, Configuration = Configuration, Port = 0, HealthPort = null }, cancellationToken: Token);
        _client = new HubClient(HubConnectionString.Parse(_endpoint.ConnectionString));
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _endpoint.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Events_are_in_the_hub_when_it_returns()
    {
        var publisher = new LocalEventPublisher(_client);
        await publisher.PublishAsync(
            "events",
            "key",
            [new OutgoingEvent("{}"u8.ToArray()) { ContentType = "application/json", Properties = new Dictionary<string, string> { ["dataset"] = "flights" } }],
            Token);
        await publisher.PublishAsync("events", "key", [], Token);
        var partitions = await Task.WhenAll(new[] { "0", "1" }.Select(id => _client.GetPartitionAsync("events", id, Token)));
        var partition = Assert.Single(partitions, partition => !partition.IsEmpty);
        await using var receiver = await _client.ReceiveAsync("events", "$Default", partition.Id, HubPosition.Earliest, null, 10, Token);
        var received = Assert.Single(await receiver.ReadAsync(10, 1, TimeSpan.Zero, Token));
        Assert.Equal(("key", "application/json", "flights"), (received.PartitionKey, received.ContentType, received.Properties["dataset"]));
    }

    [Fact]
    public async Task What_does_not_fit_is_named_with_its_place_and_the_limit()
    {
        var publisher = new LocalEventPublisher(_client);
        var large = new OutgoingEvent(new byte[600_000]);
        var batch = await Assert.ThrowsAsync<TerminalException>(() => publisher.PublishAsync("events", null, [large, large], Token));
        Assert.Equal(("EventBatchTooLarge", "events[1]", FailureKind.TooLarge), (batch.Code, batch.Target, batch.Kind));
        Assert.Contains("1048576 bytes", batch.Message, StringComparison.Ordinal);
        var one = await Assert.ThrowsAsync<TerminalException>(() => publisher.PublishAsync("events", null, [new OutgoingEvent(new byte[1_100_000])], Token));
        Assert.Equal(("EventTooLarge", "events[0]"), (one.Code, one.Target));
    }

    [Fact]
    public async Task An_unknown_hub_and_a_wrong_key_are_terminal_and_a_hub_that_is_down_is_not()
    {
        OutgoingEvent[] events = [new("{}"u8.ToArray())];
        var unknown = await Assert.ThrowsAsync<TerminalException>(() => new LocalEventPublisher(_client).PublishAsync("nothing", null, events, Token));
        Assert.Equal(("HubNotFound", FailureKind.NotFound), (unknown.Code, unknown.Kind));

        var address = HubConnectionString.Parse(_endpoint.ConnectionString);
        await using var stranger = new HubClient(address with { Key = "other" });
        var denied = await Assert.ThrowsAsync<TerminalException>(() => new LocalEventPublisher(stranger).PublishAsync("events", null, events, Token));
        Assert.Equal("HubDenied", denied.Code);
        Assert.DoesNotContain("other", denied.Message, StringComparison.Ordinal);

        await using var nobody = new HubClient(address with { Port = 1 });
        var down = await Assert.ThrowsAsync<TransientException>(() => new LocalEventPublisher(nobody).PublishAsync("events", null, events, Token));
        Assert.True(down.RetryAfter > TimeSpan.Zero);
    }
}
