using Amqp.Framing;
using DataPlatform.Local.EventHubs.Broker;
using DataPlatform.Local.EventHubs.Protocol;
using DataPlatform.Local.EventHubs.Storage;

namespace DataPlatform.Local.EventHubs.Nodes;

/// <summary>Gives a partition's events to a consumer, from its position on, as it has credit for them.</summary>
internal sealed class ConsumerLink : OutgoingLink
{
    private const string StateCapability = "com.microsoft:enable-receiver-runtime-metric";

    private readonly HubPartition _partition;
    private readonly string _consumerGroup;
    private readonly long? _epoch;
    private readonly PartitionReader _reader;
    private readonly bool _tellsState;
    private readonly TimeProvider _clock;
    private readonly EventEncoder _encoder = new();
    private IReadOnlyList<ReadEvent> _events = [];
    private int _next;

    /// <exception cref="AmqpFaultException">The position is not understood, or behind the partition's end.</exception>
    public ConsumerLink(LinkRequest request, HubPartition partition, string consumerGroup, long? epoch, TimeProvider clock)
        : base(request)
    {
        _partition = partition;
        _consumerGroup = consumerGroup;
        _epoch = epoch;
        _clock = clock;
        _tellsState = request.Desires(StateCapability);
        var from = SelectorFilter.Read(request.Attach.Source as Source);
        CheckPosition(from, partition.Log.State);
        _reader = PartitionReader.Open(partition.Log, from);
    }

    public override void Admit() => _partition.Join(_consumerGroup, this, _epoch);

    public override void Start()
    {
        _partition.Log.Subscribe(Signal);
        base.Start();
    }

    protected override async Task<bool> SendAllAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (_next == _events.Count)
            {
                if (!HasCredit)
                    return false;
                _events = _reader.Read();
                _next = 0;
                if (_events.Count == 0)
                    return true;
            }

            while (_next < _events.Count)
            {
                if (!HasCredit || !TrySend(_encoder.Encode(_events[_next], _tellsState ? _partition.Log.State : null, _clock.GetUtcNow())))
                    return false;
                _next++;
            }

            await Session.Connection.Output.WaitForRoomAsync(cancellationToken);
        }
    }

    protected override void OnDetached()
    {
        _partition.Log.Unsubscribe(Signal);
        _partition.Leave(_consumerGroup, this);
    }

    private static void CheckPosition(EventPosition from, PartitionState state)
    {
        var (what, last) = from.Kind switch
        {
            EventPositionKind.Offset => ("offset", state.LastOffset),
            EventPositionKind.SequenceNumber => ("sequence number", state.LastSequenceNumber),
            _ => ("", long.MaxValue),
        };
        if (from.Value > last)
            throw new AmqpFaultException(EventHubsErrors.ArgumentError, $"The supplied {what} '{from.Value}' is invalid. The last {what} in the partition is '{last}'.");
    }
}
