using System.Globalization;
using Amqp;
using Amqp.Types;
using DataPlatform.Local.EventHubs.Broker;
using DataPlatform.Local.EventHubs.Security;

namespace DataPlatform.Local.EventHubs.Nodes;

/// <summary>Tells clients about event hubs and partitions.</summary>
internal sealed class ManagementNode(EventHubNamespace space, ConnectionRights rights) : RequestNode
{
    private const string HubType = "com.microsoft:eventhub";
    private const string PartitionType = "com.microsoft:partition";

    protected override RequestAnswer Answer(Map properties, object? body)
    {
        if (properties["operation"] as string != "READ")
            return new RequestAnswer(501, "Only the operation READ is known.", Condition: ErrorCode.NotImplemented);
        if (properties["name"] is not string name)
            return new RequestAnswer(400, "The name of the event hub is missing.", Condition: EventHubsErrors.ArgumentError);
        // Some clients send the token along instead of putting it before.
        if (!rights.Allows($"{name}/$management") && !(properties["security_token"] is string token && rights.Grant($"sb://-/{name}/$management", token)))
            return new RequestAnswer(401, $"Unauthorized access: no token for the event hub '{name}' was put.", Condition: ErrorCode.UnauthorizedAccess);
        if (space.Find(name) is not { } hub)
            return new RequestAnswer(404, $"The messaging entity '{name}' could not be found. There are: {string.Join(", ", space.Hubs.Select(each => each.Name))}.", Condition: ErrorCode.NotFound);
        return properties["type"] switch
        {
            HubType => new RequestAnswer(200, "OK", Describe(hub)),
            PartitionType => properties["partition"] is string id && hub.FindPartition(id) is { } partition
                ? new RequestAnswer(200, "OK", Describe(hub, partition))
                : new RequestAnswer(404, $"The event hub '{hub.Name}' has the partitions 0 to {hub.Partitions.Length - 1}.", Condition: EventHubsErrors.ArgumentOutOfRange),
            _ => new RequestAnswer(400, $"The type must be {HubType} or {PartitionType}.", Condition: EventHubsErrors.ArgumentError),
        };
    }

    private static Map Describe(EventHub hub) => new()
    {
        ["name"] = hub.Name,
        ["type"] = HubType,
        ["created_at"] = hub.Created.UtcDateTime,
        ["partition_count"] = hub.Partitions.Length,
        ["partition_ids"] = hub.Partitions.Select(partition => partition.Id).ToArray(),
        ["georeplication_factor"] = 1,
    };

    private static Map Describe(EventHub hub, HubPartition partition)
    {
        var state = partition.Log.State;
        return new Map
        {
            ["name"] = hub.Name,
            ["type"] = PartitionType,
            ["partition"] = partition.Id,
            ["begin_sequence_number"] = state.BeginSequenceNumber,
            ["last_enqueued_sequence_number"] = state.LastSequenceNumber,
            ["last_enqueued_offset"] = state.LastOffset.ToString(CultureInfo.InvariantCulture),
            ["last_enqueued_time_utc"] = (state.LastEnqueuedTime ?? DateTimeOffset.UnixEpoch).UtcDateTime,
            ["is_partition_empty"] = state.IsEmpty,
        };
    }
}
