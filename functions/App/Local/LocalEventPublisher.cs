using DataPlatform.Failures;
using DataPlatform.Ingestion.Streaming;
using DataPlatform.Local.EventHubs.Client;

namespace DataPlatform.App.Local;

/// <summary>Sends events over AMQP, without the official producer.</summary>
internal sealed class LocalEventPublisher(HubClient client) : IEventPublisher
{
    // What the service asks for when it is busy.
    private static readonly TimeSpan BusyDelay = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan NoAnswerDelay = TimeSpan.FromSeconds(2);

    public async Task PublishAsync(
        string hub, string? partitionKey, IReadOnlyList<OutgoingEvent> events, CancellationToken cancellationToken)
    {
        try
        {
            await client.SendAsync(hub, partitionKey, [.. events.Select(Message)], cancellationToken);
        }
        catch (HubException failed)
        {
            throw Explain(failed, hub, events.Count);
        }
    }

    private static SentEvent Message(OutgoingEvent source) => new(source.Body)
    {
        ContentType = source.ContentType,
        Properties = source.Properties.Select(property => KeyValuePair.Create(property.Key, (object)property.Value)),
    };

    private static Exception Explain(HubException failed, string hub, int count) => failed.Failure switch
    {
        HubFailure.TooLarge when failed.EventIndex is { } index => index == 0 || count == 1
            ? new TerminalException(
                FailureKind.TooLarge,
                "EventTooLarge",
                $"The event is larger than the {failed.MaxMessageSize} bytes that a message of the hub '{hub}' holds: send it as a batch.",
                $"events[{index}]")
            : new TerminalException(
                FailureKind.TooLarge,
                "EventBatchTooLarge",
                $"The events up to this one are larger than the {failed.MaxMessageSize} bytes that a message of the hub '{hub}' holds: send fewer at "
                + "once.",
                $"events[{index}]"),
        HubFailure.TooLarge => new TerminalException(
            FailureKind.TooLarge,
            "EventBatchTooLarge",
            $"The events are larger than a message of the hub '{hub}' may be: send fewer at once.",
            "events",
            innerException: failed),
        HubFailure.NotFound => new TerminalException(
            FailureKind.NotFound,
            "HubNotFound",
            $"There is no event hub '{hub}' in the namespace: create it, or name another.",
            "hub",
            innerException: failed),
        HubFailure.Denied => new TerminalException(
            FailureKind.Internal,
            "HubDenied",
            $"The hub '{hub}' denies access: check the connection string in the setting EventHubs.",
            "EventHubs",
            innerException: failed),
        HubFailure.Busy => new TransientException($"The hub '{hub}' is busy: it takes no more at the moment.", failed) { RetryAfter = BusyDelay },
        HubFailure.NoAnswer => new TransientException($"The hub '{hub}' does not answer.", failed) { RetryAfter = NoAnswerDelay },
        _ => new TerminalException(
            FailureKind.Internal, "HubRefused", $"The hub '{hub}' refused the events: {failed.Message}", innerException: failed),
    };
}
