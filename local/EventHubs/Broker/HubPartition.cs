using DataPlatform.Local.EventHubs.Protocol;
using DataPlatform.Local.EventHubs.Storage;

namespace DataPlatform.Local.EventHubs.Broker;

/// <summary>A partition of an event hub: its events, and who reads them.</summary>
internal sealed class HubPartition(string id, PartitionLog log) : IDisposable
{
    private readonly Dictionary<string, ConsumerLinks> _consumers = new(StringComparer.OrdinalIgnoreCase);

    public string Id { get; } = id;

    public PartitionLog Log { get; } = log;

    /// <summary>Takes a reader into its group, and ends those who may no longer read beside it.</summary>
    /// <param name="epoch">Null for one of several equals.</param>
    /// <exception cref="AmqpFaultException">Somebody reads with a higher epoch, or too many read.</exception>
    public void Join(string consumerGroup, AmqpLink link, long? epoch)
    {
        IReadOnlyList<AmqpLink> stolen;
        lock (_consumers)
        {
            if (!_consumers.TryGetValue(consumerGroup, out var consumers))
                _consumers.Add(consumerGroup, consumers = new ConsumerLinks());
            stolen = consumers.Join(link, epoch);
        }

        // Elsewhere: the loser's session may be about to steal one of ours.
        foreach (var loser in stolen)
            _ = Task.Run(() => loser.Session.Detach(loser, Stolen(consumerGroup, link, epoch, loser)));
    }

    public void Leave(string consumerGroup, AmqpLink link)
    {
        lock (_consumers)
        {
            if (_consumers.TryGetValue(consumerGroup, out var consumers))
                consumers.Leave(link);
        }
    }

    public void Dispose() => Log.Dispose();

    private AmqpFaultException Stolen(string consumerGroup, AmqpLink winner, long? epoch, AmqpLink loser) => new(
        global::Amqp.ErrorCode.Stolen,
        $"New receiver '{winner.Name}' with epoch '{epoch}' is created hence current receiver '{loser.Name}' is getting disconnected. Partition {Id}, consumer group '{consumerGroup}'.");
}
