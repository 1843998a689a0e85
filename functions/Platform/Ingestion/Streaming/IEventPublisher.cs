using DataPlatform.Failures;

namespace DataPlatform.Ingestion.Streaming;

/// <summary>Sends events to event hubs. Registered only where there is a namespace to send to: who needs it asks whether it is there.</summary>
public interface IEventPublisher
{
    /// <summary>Sends all the events as one batch, in their order, to one partition. Returns when the hub has stored them: all or none.</summary>
    /// <param name="partitionKey">Events of one key go to one partition; null leaves the choice to the hub.</param>
    /// <exception cref="TerminalException"><c>EventTooLarge</c>: an event exceeds the hub's message size; <c>EventBatchTooLarge</c>: together they
    /// do (both tell by the target <c>events[i]</c> which one did not fit). <c>HubNotFound</c>, <c>HubDenied</c>, <c>HubRefused</c>.</exception>
    /// <exception cref="TransientException">The hub is busy or does not answer. The events may be stored all the same: sending them again can
    /// double them.</exception>
    Task PublishAsync(string hub, string? partitionKey, IReadOnlyList<OutgoingEvent> events, CancellationToken cancellationToken);
}
