using DataPlatform.Local.EventHubs.Client;
using DataPlatform.Local.Runtime.EventHubs;
using DataPlatform.Local.Runtime.Functions;
using Microsoft.Extensions.Configuration;

namespace DataPlatform.Local.Runtime.Tests.EventHubs;

public sealed class HubOptionsTests
{
    [Fact]
    public void Without_settings_they_are_those_of_the_official_extension() => Assert.Equal(
        new HubOptions
        {
            MaxEventBatchSize = 100,
            MinEventBatchSize = 1,
            MaxWaitTime = TimeSpan.FromMinutes(1),
            BatchCheckpointFrequency = 1,
            PrefetchCount = 300,
            LoadBalancingUpdateInterval = TimeSpan.FromSeconds(30),
            PartitionOwnershipExpirationInterval = TimeSpan.FromMinutes(2),
            InitialPosition = HubPosition.Earliest,
        },
        Read([]));

    [Fact]
    public void All_of_them_can_be_set() => Assert.Equal(
        new HubOptions
        {
            MaxEventBatchSize = 1000,
            MinEventBatchSize = 20,
            MaxWaitTime = TimeSpan.FromSeconds(2),
            BatchCheckpointFrequency = 5,
            PrefetchCount = 2000,
            LoadBalancingUpdateInterval = TimeSpan.FromSeconds(10),
            PartitionOwnershipExpirationInterval = TimeSpan.FromSeconds(60),
            InitialPosition = HubPosition.After(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero)),
        },
        Read(new()
        {
            ["maxEventBatchSize"] = "1000",
            ["minEventBatchSize"] = "20",
            ["maxWaitTime"] = "00:00:02",
            ["batchCheckpointFrequency"] = "5",
            ["prefetchCount"] = "2000",
            ["loadBalancingUpdateInterval"] = "00:00:10",
            ["partitionOwnershipExpirationInterval"] = "00:01:00",
            ["initialOffsetOptions:type"] = "fromEnqueuedTime",
            ["initialOffsetOptions:enqueuedTimeUtc"] = "2026-03-01T12:00:00Z",
        }));

    [Fact]
    public void What_is_wrong_is_named()
    {
        var errors = new StartErrors();
        Read(
            new()
            {
                ["maxEventBatchSize"] = "0",
                ["minEventBatchSize"] = "5",
                ["maxWaitTime"] = "soon",
                ["initialOffsetOptions:type"] = "middle",
            },
            errors);
        var exception = Assert.Throws<StartException>(errors.ThrowIfAny);
        Assert.Equal(
            [
                "Setting extensions.eventHubs.maxEventBatchSize in host.json: '0' is not a number above 0; correct it.",
                "Setting extensions.eventHubs.maxWaitTime in host.json: 'soon' is not a time above 0; write hh:mm:ss.",
                "Setting extensions.eventHubs.initialOffsetOptions.type in host.json: 'middle' is not known; write fromStart, fromEnd or fromEnqueuedTime.",
                "Setting extensions.eventHubs.minEventBatchSize in host.json: 5 is above maxEventBatchSize; make it less.",
            ],
            exception.Reasons);
    }

    private static HubOptions Read(Dictionary<string, string?> values, StartErrors? errors = null)
    {
        var root = new ConfigurationBuilder().AddInMemoryCollection(values.Select(v => KeyValuePair.Create($"eventHubs:{v.Key}", v.Value))).Build();
        var given = errors ?? new StartErrors();
        var options = HubOptions.Read(root.GetSection("eventHubs"), given);
        Assert.Equal(errors is not null, given.Any);
        return options;
    }
}
