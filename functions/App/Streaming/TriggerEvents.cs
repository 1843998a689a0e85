using System.Text.Json;
using Azure.Messaging.EventHubs;
using DataPlatform.Streaming;

namespace DataPlatform.App.Streaming;

/// <summary>What the trigger gives, in the platform's words.</summary>
internal static class TriggerEvents
{
    /// <param name="data">Of the binding; its <c>PartitionContext</c> is JSON.</param>
    public static StreamPartition PartitionOf(IReadOnlyDictionary<string, object?> data)
    {
        using var context = JsonDocument.Parse((string)data["PartitionContext"]!);
        return new StreamPartition(Text("FullyQualifiedNamespace"), Text("EventHubName"), Text("ConsumerGroup"), Text("PartitionId"));

        string Text(string name) => context.RootElement.GetProperty(name).GetString()!;
    }

    public static IReadOnlyList<StreamEvent> Of(EventData[] events) => [.. events.Select(one => new StreamEvent(
        one.SequenceNumber, one.EnqueuedTime, one.EventBody.ToMemory(), one.ContentType, one.Properties.AsReadOnly()))];
}
