using System.Globalization;
using Amqp;
using DataPlatform.Local.EventHubs.Broker;
using DataPlatform.Local.EventHubs.Protocol;
using DataPlatform.Local.EventHubs.Security;

namespace DataPlatform.Local.EventHubs.Nodes;

/// <summary>The namespace as one connection sees it.</summary>
internal sealed class EventHubsContainer : IAmqpContainer
{
    private const string EpochProperty = "com.microsoft:epoch";

    private readonly EventHubNamespace _space;
    private readonly ByteBudget _budget;
    private readonly TimeProvider _clock;
    private readonly ConnectionRights _rights;
    private readonly CbsNode _cbs;
    private readonly ManagementNode _management;
    private readonly List<(AmqpLink Link, string Path)> _links = [];

    public EventHubsContainer(EventHubNamespace space, SharedAccessKey key, ByteBudget budget, TimeProvider clock)
    {
        _space = space;
        _budget = budget;
        _clock = clock;
        _rights = new ConnectionRights(key, clock);
        _cbs = new CbsNode(_rights);
        _management = new ManagementNode(space, _rights);
    }

    public AmqpLink Attach(LinkRequest request)
    {
        switch (request.Address)
        {
            case "$cbs":
                return _cbs.Attach(request);
            case "$management":
                return _management.Attach(request);
        }

        if (request.Address is not { Length: > 0 } text || EntityAddress.Parse(text) is not { } address)
            throw new AmqpFaultException(ErrorCode.NotFound, $"The address '{request.Address}' names nothing: hub, hub/Partitions/n to send, hub/ConsumerGroups/g/Partitions/n to receive.");
        if (!_rights.Allows(address.Path))
            throw Unauthorized(address.Path);
        if (_space.Find(address.Hub) is not { } hub)
            throw new AmqpFaultException(ErrorCode.NotFound, $"The messaging entity '{address.Hub}' could not be found. There are: {string.Join(", ", _space.Hubs.Select(each => each.Name))}.");
        AmqpLink link = request.PeerSends ? AttachProducer(request, hub, address) : AttachConsumer(request, hub, address);
        lock (_links)
        {
            _links.RemoveAll(each => each.Link.IsDetached);
            _links.Add((link, address.Path));
        }

        return link;
    }

    public IEnumerable<(AmqpLink Link, AmqpFaultException Reason)> FindExpired()
    {
        lock (_links)
            return [.. _links.Where(each => !each.Link.IsDetached && !_rights.Allows(each.Path)).Select(each => (each.Link, Unauthorized(each.Path)))];
    }

    private ProducerLink AttachProducer(LinkRequest request, EventHub hub, EntityAddress address)
    {
        if (address.ConsumerGroup is not null)
            throw new AmqpFaultException(ErrorCode.NotAllowed, "Events are sent to an event hub or a partition of it, not to a consumer group.");
        return new ProducerLink(request, hub, address.Partition is null ? null : FindPartition(hub, address.Partition), _budget);
    }

    private ConsumerLink AttachConsumer(LinkRequest request, EventHub hub, EntityAddress address)
    {
        if (address is not { ConsumerGroup: { } group, Partition: { } id })
            throw new AmqpFaultException(ErrorCode.NotAllowed, "Events are received from hub/ConsumerGroups/g/Partitions/n.");
        if (!hub.HasConsumerGroup(group))
            throw new AmqpFaultException(ErrorCode.NotFound, $"The messaging entity '{hub.Name}/ConsumerGroups/{group}' could not be found: the event hub has no such consumer group.");
        long? epoch = request.Property(EpochProperty) is { } given ? Convert.ToInt64(given, CultureInfo.InvariantCulture) : null;
        return new ConsumerLink(request, FindPartition(hub, id), group, epoch, _clock);
    }

    private static HubPartition FindPartition(EventHub hub, string id) =>
        hub.FindPartition(id) ?? throw new AmqpFaultException(
            EventHubsErrors.ArgumentOutOfRange,
            $"The specified partition '{id}' is invalid for the event hub '{hub.Name}': it has the partitions 0 to {hub.Partitions.Length - 1}.");

    private static AmqpFaultException Unauthorized(string path) => new(ErrorCode.UnauthorizedAccess, $"Unauthorized access to '{path}': no token for it was put, or it has expired.");
}
