using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using DataPlatform.Local.Runtime.EventHubs;
using DataPlatform.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace DataPlatform.Local.Runtime.Tests.EventHubs;

public sealed class BlobCheckpointStoreTests(AzuriteFixture azurite)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Blobs_are_named_and_marked_as_the_official_clients_do_it()
    {
        var container = new BlobContainerClient(await azurite.GetStorageAsync(), $"c{Guid.NewGuid():N}");
        var store = new BlobCheckpointStore(container, "Some.ServiceBus.Windows.Net", "Flights", "$Default", "me");
        Assert.Empty(await store.ListAsync(Token));
        await store.ClaimAsync(new Ownership("3", "owner-1", default, null), Token);
        await store.WriteAsync("3", new Checkpoint("8191", 12), Token);
        await store.WriteAsync("3", new Checkpoint("9000", 13), Token);

        var blobs = new Dictionary<string, IDictionary<string, string>>(StringComparer.Ordinal);
        await foreach (var blob in container.GetBlobsAsync(BlobTraits.Metadata, BlobStates.None, null, Token))
        {
            blobs[blob.Name] = blob.Metadata;
            Assert.Equal(0, blob.Properties.ContentLength);
        }

        Assert.Equal(["some.servicebus.windows.net/flights/$default/checkpoint/3", "some.servicebus.windows.net/flights/$default/ownership/3"], blobs.Keys.Order(StringComparer.Ordinal));
        Assert.Equal([("clientidentifier", "me"), ("offset", "9000"), ("sequencenumber", "13")], blobs.First().Value.Select(pair => (pair.Key, pair.Value)).Order());
        Assert.Equal([("ownerid", "owner-1")], blobs.Last().Value.Select(pair => (pair.Key, pair.Value)));
        Assert.Equal(new Checkpoint("9000", 13), await store.ReadAsync("3", Token));
        Assert.Null(await store.ReadAsync("4", Token));
    }

    [Fact]
    public async Task In_blobs_who_claims_second_gets_nothing() =>
        await CheckClaimsAsync(new BlobCheckpointStore(new BlobContainerClient(await azurite.GetStorageAsync(), $"c{Guid.NewGuid():N}"), "space", "hub", "$Default", "me"));

    [Fact]
    public async Task In_files_who_claims_second_gets_nothing()
    {
        using var folder = new TempFolder();
        using var store = new FolderCheckpointStore(folder.Path, "space", "hub", "$Default", TimeProvider.System);
        await CheckClaimsAsync(store);
        await store.WriteAsync("0", new Checkpoint("5", 6), Token);
        using var other = new FolderCheckpointStore(folder.Path, "SPACE", "Hub", "$default", TimeProvider.System);
        Assert.Equal(new Checkpoint("5", 6), await other.ReadAsync("0", Token));
    }

    [Fact]
    public async Task Our_host_and_the_official_consumer_share_a_consumer_group_and_hand_partitions_over_without_a_gap_or_a_double()
    {
        Assert.SkipUnless(OfficialConsumer.IsInstalled, "npm packages are not installed: ./dev test does it");
        await using var process = await AzuriteProcess.StartAsync(Token);
        await using var hubs = await TestHubs.StartAsync();
        var ours = new SeenEvents();
        await using var host = await StartAsync(hubs, process.Storage, ours);
        await SeenEvents.WaitForAsync(() => Reads(host), 4);
        await SendAsync("a");
        await SeenEvents.WaitForAsync(() => ours.Events.ToList(), 240);
        await CheckpointsAsync(process.Storage, 240);

        // It takes half of the partitions, behind our checkpoints.
        await using var official = OfficialConsumer.Start(hubs.ConnectionString, process.Storage);
        await SeenEvents.WaitForAsync(() => Lines(official, "reads "), 2);
        await SeenEvents.WaitForAsync(() => host.Logs.Entries.Where(e => e.Message.Contains("to another reader", StringComparison.Ordinal)).ToList(), 2);
        await SendAsync("b");
        await SeenEvents.WaitForAsync(() => All(ours, official), 480);
        Assert.NotEmpty(Lines(official, "event b"));
        Assert.Contains(ours.Events, e => e.Text.StartsWith('b'));
        await CheckpointsAsync(process.Storage, 480);

        // It gives them back: we go on behind its checkpoints.
        await official.StopAsync();
        await SeenEvents.WaitForAsync(() => Reads(host), 6);
        await SendAsync("c");
        await SeenEvents.WaitForAsync(() => All(ours, official), 720);
        Assert.Empty(Lines(official, "event c"));
        Assert.Equal(720, All(ours, official).Distinct().Count());
        Assert.Equal(720, All(ours, official).Count);

        async Task SendAsync(string round)
        {
            for (var key = 0; key < 12; key++)
            {
                await hubs.SendAsync($"{round}{key}", 0, 20);
            }
        }
    }

    private static async Task CheckClaimsAsync(ICheckpointStore store)
    {
        Assert.Empty(await store.ListAsync(Token));
        var mine = await store.ClaimAsync(new Ownership("0", "me", default, null), Token);
        Assert.NotNull(mine);
        Assert.Null(await store.ClaimAsync(new Ownership("0", "other", default, null), Token));
        var renewed = await store.ClaimAsync(mine, Token);
        Assert.NotNull(renewed);
        Assert.Null(await store.ClaimAsync(mine with { Owner = "other" }, Token));
        var listed = Assert.Single(await store.ListAsync(Token));
        Assert.Equal(("0", "me"), (listed.Partition, listed.Owner));
        Assert.True(listed.Changed > DateTimeOffset.UnixEpoch.AddYears(50));

        // Given back, as it is listed.
        Assert.NotNull(await store.ClaimAsync(listed with { Owner = "" }, Token));
        Assert.Equal("", Assert.Single(await store.ListAsync(Token)).Owner);
    }

    // Until the checkpoints of all partitions together are so far.
    private static Task CheckpointsAsync(string storage, int events) => SeenEvents.WaitForAsync(
        () =>
        {
            var container = new BlobContainerClient(storage, BlobCheckpointStore.Container);
            var checkpoints = container.GetBlobs(BlobTraits.Metadata, BlobStates.None, "localhost/events/$default/checkpoint/", Token);
            return checkpoints.Sum(blob => int.Parse(blob.Metadata["sequencenumber"], System.Globalization.CultureInfo.InvariantCulture) + 1) >= events ? [true] : Array.Empty<bool>();
        },
        1);

    private static List<string> Reads(TestHost host) =>
        [.. host.Logs.Entries.Select(e => e.Message).Where(m => m.StartsWith("endless reads partition", StringComparison.Ordinal))];

    private static List<string> Lines(OfficialConsumer official, string prefix) => [.. official.Lines.Where(line => line.StartsWith(prefix, StringComparison.Ordinal))];

    private static List<string> All(SeenEvents ours, OfficialConsumer official) => [.. ours.Events.Select(e => e.Text), .. Lines(official, "event ").Select(line => line["event ".Length..])];

    private static Task<TestHost> StartAsync(TestHubs hubs, string storage, SeenEvents seen) => TestHost.StartAsync(
        [typeof(EventHubRunTests.Endless)],
        builder => builder.Services.AddSingleton(seen),
        """{"version":"2.0","extensions":{"eventHubs":{"loadBalancingUpdateInterval":"00:00:01","partitionOwnershipExpirationInterval":"00:00:20"}}}""",
        args: ["--EventHubs", hubs.ConnectionString, "--AzureWebJobsStorage", storage]);
}
