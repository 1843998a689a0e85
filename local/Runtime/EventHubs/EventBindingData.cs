using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using Azure.Messaging.EventHubs;

namespace DataPlatform.Local.Runtime.EventHubs;

/// <summary>What a function can read about its events beside them: the names and the forms of the official isolated worker, each made when it is asked for.</summary>
internal sealed class EventBindingData : IReadOnlyDictionary<string, object?>
{
    private readonly Dictionary<string, Lazy<object?>> _values = new(StringComparer.OrdinalIgnoreCase);

    private EventBindingData(HubTrigger trigger, string partition)
    {
        Add("PartitionContext", () => JsonSerializer.Serialize(new
        {
            FullyQualifiedNamespace = trigger.Connection.Host,
            EventHubName = trigger.Hub,
            trigger.ConsumerGroup,
            PartitionId = partition,
        }));
    }

    public IEnumerable<string> Keys => _values.Keys;

    public IEnumerable<object?> Values => _values.Values.Select(value => value.Value);

    public int Count => _values.Count;

    public object? this[string key] => _values[key].Value;

    public static EventBindingData Of(HubTrigger trigger, string partition, EventData[] events)
    {
        var data = new EventBindingData(trigger, partition);
        data.Add("PartitionKeyArray", () => events.Select(e => e.PartitionKey ?? "").ToArray());
        data.Add("OffsetArray", () => events.Select(e => e.OffsetString).ToArray());
        data.Add("SequenceNumberArray", () => events.Select(e => e.SequenceNumber).ToArray());
        data.Add("EnqueuedTimeUtcArray", () => JsonSerializer.Serialize(events.Select(e => e.EnqueuedTime.UtcDateTime)));
        data.Add("PropertiesArray", () => JsonSerializer.Serialize(events.Select(e => Plain(e.Properties))));
        data.Add("SystemPropertiesArray", () => JsonSerializer.Serialize(events.Select(System)));
        return data;
    }

    public static EventBindingData Of(HubTrigger trigger, string partition, EventData only)
    {
        var data = new EventBindingData(trigger, partition);
        data.Add("PartitionKey", () => only.PartitionKey);
        data.Add("Offset", () => only.OffsetString);
        data.Add("SequenceNumber", () => JsonSerializer.Serialize(only.SequenceNumber));
        data.Add("EnqueuedTimeUtc", () => JsonSerializer.Serialize(only.EnqueuedTime.UtcDateTime));
        data.Add("Properties", () => JsonSerializer.Serialize(Plain(only.Properties)));
        data.Add("SystemProperties", () => JsonSerializer.Serialize(System(only)));
        return data;
    }

    public bool ContainsKey(string key) => _values.ContainsKey(key);

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out object? value)
    {
        var found = _values.TryGetValue(key, out var made);
        value = made?.Value;
        return found;
    }

    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator() => _values.Select(pair => KeyValuePair.Create(pair.Key, pair.Value.Value)).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static Dictionary<string, object?> System(EventData source)
    {
        var properties = Plain(source.SystemProperties);
        properties["SequenceNumber"] = source.SequenceNumber;
        properties["Offset"] = source.OffsetString;
        properties["PartitionKey"] = source.PartitionKey;
        properties["EnqueuedTimeUtc"] = source.EnqueuedTime.UtcDateTime;
        return properties;
    }

    // What AMQP has beyond JSON becomes text.
    private static Dictionary<string, object?> Plain(IEnumerable<KeyValuePair<string, object>> properties) => properties.ToDictionary(
        property => property.Key,
        property => property.Value switch
        {
            double number when !double.IsFinite(number) => number.ToString(CultureInfo.InvariantCulture),
            float number when !float.IsFinite(number) => number.ToString(CultureInfo.InvariantCulture),
            string or DateTime or Guid or byte[] => property.Value,
            var value => value.GetType().IsPrimitive ? value : value.ToString(),
        },
        StringComparer.Ordinal);

    private void Add(string name, Func<object?> make) => _values.Add(name, new Lazy<object?>(make));
}
