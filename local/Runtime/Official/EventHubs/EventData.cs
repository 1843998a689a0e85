#nullable disable // as the official type: its signatures say nothing about null
using Azure.Core;
using DataPlatform.Local.EventHubs.Client;

namespace Azure.Messaging.EventHubs;

/// <summary>An event to be sent, or one that was received.</summary>
public class EventData : MessageContent
{
    private readonly Dictionary<string, object> _properties = [];
    private readonly IReadOnlyDictionary<string, object> _systemProperties;

    public EventData()
        : this(BinaryData.Empty)
    {
    }

    public EventData(string eventBody)
        : this(new BinaryData(eventBody))
    {
    }

    public EventData(ReadOnlyMemory<byte> eventBody)
        : this(new BinaryData(eventBody))
    {
    }

    public EventData(BinaryData eventBody)
    {
        EventBody = eventBody;
        _systemProperties = new Dictionary<string, object>();
        SequenceNumber = long.MinValue;
    }

    protected EventData(
        BinaryData eventBody,
        IDictionary<string, object> properties = null,
        IReadOnlyDictionary<string, object> systemProperties = null,
        long sequenceNumber = long.MinValue,
        string offsetString = null,
        DateTimeOffset enqueuedTime = default,
        string partitionKey = null)
        : this(eventBody)
    {
        foreach (var (name, value) in properties ?? new Dictionary<string, object>())
        {
            _properties[name] = value;
        }

        _systemProperties = systemProperties ?? new Dictionary<string, object>();
        SequenceNumber = sequenceNumber;
        OffsetString = offsetString;
        EnqueuedTime = enqueuedTime;
        PartitionKey = partitionKey;
    }

    internal EventData(ReceivedEvent received)
        : this(new BinaryData(received.Body), received.Properties, received.SystemProperties, received.SequenceNumber, received.Offset, received.EnqueuedTime, received.PartitionKey)
    {
        MessageId = received.MessageId;
        CorrelationId = received.CorrelationId;
        ContentType = received.ContentType;
    }

    public BinaryData EventBody { get; set; }

    public ReadOnlyMemory<byte> Body => EventBody.ToMemory();

    public Stream BodyAsStream => EventBody.ToStream();

    public override BinaryData Data
    {
        get => EventBody;
        set => EventBody = value;
    }

    public new string ContentType { get; set; }

    public string MessageId { get; set; }

    public string CorrelationId { get; set; }

    /// <summary>Application properties, visible to every consumer.</summary>
    public IDictionary<string, object> Properties => _properties;

    /// <summary>What the hub, or the sender beside its properties, has noted, such as <c>x-opt-</c> annotations.</summary>
    public IReadOnlyDictionary<string, object> SystemProperties => _systemProperties;

    /// <summary>Grows by one from event to event of a partition; of an event not received it is the least number.</summary>
    public long SequenceNumber { get; }

    /// <summary>Where the event stands in its partition; null before it is received.</summary>
    public string OffsetString { get; }

    /// <summary>When the hub took the event, in UTC.</summary>
    public DateTimeOffset EnqueuedTime { get; }

    /// <summary>What its sender gave; null: nothing.</summary>
    public string PartitionKey { get; }

    public override bool IsReadOnly => false;

    protected override ContentType? ContentTypeCore
    {
        get => ContentType is null ? null : new ContentType(ContentType);
        set => ContentType = value?.ToString();
    }
}
