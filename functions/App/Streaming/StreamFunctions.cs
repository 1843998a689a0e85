using Azure.Messaging.EventHubs;
using DataPlatform.Streaming;
using Microsoft.Azure.Functions.Worker;

namespace DataPlatform.App.Streaming;

public sealed class StreamFunctions(StreamConsumer consumer)
{
    /// <summary>Without end: what is not retried any more is passed by the checkpoint all the same, and would be lost.</summary>
    [Function("stream_events")]
    [ExponentialBackoffRetry(-1, "00:00:01", "00:00:30")]
    public Task TakeEvents(
        [EventHubTrigger("%DataPlatform:EventHub%", Connection = "EventHubs")] EventData[] events, FunctionContext context, CancellationToken cancellationToken) =>
        consumer.ConsumeAsync(TriggerEvents.PartitionOf(context.BindingContext.BindingData), TriggerEvents.Of(events), cancellationToken);
}
