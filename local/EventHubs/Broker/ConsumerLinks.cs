using DataPlatform.Local.EventHubs.Protocol;

namespace DataPlatform.Local.EventHubs.Broker;

/// <summary>Who reads a partition for a consumer group: one with an epoch, or up to five without.</summary>
internal sealed class ConsumerLinks
{
    /// <summary>As the service allows.</summary>
    public const int MaxWithoutEpoch = 5;

    private readonly List<AmqpLink> _links = [];
    private long? _epoch;

    /// <returns>The links that have to go.</returns>
    /// <exception cref="AmqpFaultException">The one that came may not stay.</exception>
    public IReadOnlyList<AmqpLink> Join(AmqpLink link, long? epoch)
    {
        if (_links.Count > 0 && _epoch is { } present && !(epoch >= present))
        {
            throw new AmqpFaultException(
                global::Amqp.ErrorCode.Stolen,
                epoch is null
                    ? $"A receiver with epoch '{present}' reads this partition; a receiver without one is not allowed beside it."
                    : $"A receiver with the higher epoch '{present}' reads this partition; a receiver with epoch '{epoch}' cannot be created.");
        }

        if (epoch is null && _links.Count >= MaxWithoutEpoch)
            throw new AmqpFaultException(global::Amqp.ErrorCode.ResourceLimitExceeded, $"{MaxWithoutEpoch} receivers without epoch read this partition for the consumer group; that is the most.");

        AmqpLink[] losers = epoch is null ? [] : [.. _links];
        if (epoch is not null)
            _links.Clear();
        _links.Add(link);
        _epoch = epoch;
        return losers;
    }

    public void Leave(AmqpLink link)
    {
        if (_links.Remove(link) && _links.Count == 0)
            _epoch = null;
    }
}
