using System.Collections.Concurrent;
using System.Net.Sockets;
using Azure.Identity;
using Azure.Messaging.EventHubs;
using Azure.Messaging.EventHubs.Producer;
using DataPlatform.Failures;
using DataPlatform.Ingestion.Streaming;

namespace DataPlatform.App.Azure;

/// <summary>Sends events with the official producer.</summary>
/// <param name="connect">Makes the producer of a hub; one is kept for each.</param>
internal sealed class EventHubPublisher(Func<string, EventHubProducerClient> connect) : IEventPublisher, IAsyncDisposable
{
    // What the service asks for when it is busy.
    private static readonly TimeSpan BusyDelay = TimeSpan.FromSeconds(4);

    private readonly ConcurrentDictionary<string, Lazy<EventHubProducerClient>> _producers = new(StringComparer.OrdinalIgnoreCase);

    public async Task PublishAsync(
        string hub, string? partitionKey, IReadOnlyList<OutgoingEvent> events, CancellationToken cancellationToken)
    {
        if (events.Count == 0)
            return;

        try
        {
            var producer = _producers.GetOrAdd(hub, name => new(() => connect(name))).Value;
            using var batch = await producer.CreateBatchAsync(new CreateBatchOptions { PartitionKey = partitionKey }, cancellationToken);
            for (var i = 0; i < events.Count; i++)
            {
                if (!batch.TryAdd(Message(events[i])))
                    throw TooLarge(hub, i, batch);
            }

            await producer.SendAsync(batch, cancellationToken);
        }
        catch (Exception exception) when (Explain(exception, hub, cancellationToken) is { } failure)
        {
            throw failure;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var producer in _producers.Values.Where(producer => producer.IsValueCreated))
            await producer.Value.DisposeAsync();
    }

    private static EventData Message(OutgoingEvent source)
    {
        var message = new EventData(source.Body) { ContentType = source.ContentType };
        foreach (var (name, value) in source.Properties)
            message.Properties.Add(name, value);
        return message;
    }

    private static TerminalException TooLarge(string hub, int index, EventDataBatch batch) => batch.Count == 0
        ? new TerminalException(
            FailureKind.TooLarge,
            "EventTooLarge",
            $"The event is larger than the {batch.MaximumSizeInBytes} bytes that a message of the hub '{hub}' holds: send it as a batch.",
            $"events[{index}]")
        : new TerminalException(
            FailureKind.TooLarge,
            "EventBatchTooLarge",
            $"The events up to this one are larger than the {batch.MaximumSizeInBytes} bytes that a message of the hub '{hub}' holds: send fewer at "
            + "once.",
            $"events[{index}]");

    /// <summary>One of the two roots of failure; null for what is a failure of ours or the caller's cancellation.</summary>
    private static Exception? Explain(Exception exception, string hub, CancellationToken cancellationToken) => exception switch
    {
        OperationCanceledException when cancellationToken.IsCancellationRequested => null,
        EventHubsException failed => Explain(failed, hub),
        UnauthorizedAccessException or CredentialUnavailableException => new TerminalException(
            FailureKind.Internal,
            "HubDenied",
            $"The hub '{hub}' denies access: check the connection string in the setting EventHubs or, with a managed identity, its role "
            + "'Azure Event Hubs Data Sender'.",
            "EventHubs",
            innerException: exception),
        AuthenticationFailedException or TimeoutException or SocketException or IOException or OperationCanceledException =>
            NoAnswer(exception, hub),
        _ => null,
    };

    private static Exception Explain(EventHubsException failed, string hub) => failed.Reason switch
    {
        EventHubsException.FailureReason.MessageSizeExceeded => new TerminalException(
            FailureKind.TooLarge,
            "EventBatchTooLarge",
            $"The events are larger than a message of the hub '{hub}' may be: send fewer at once.",
            "events",
            innerException: failed),
        EventHubsException.FailureReason.ResourceNotFound => new TerminalException(
            FailureKind.NotFound,
            "HubNotFound",
            $"There is no event hub '{hub}' in the namespace: create it, or name another.",
            "hub",
            innerException: failed),
        EventHubsException.FailureReason.ServiceBusy or EventHubsException.FailureReason.QuotaExceeded =>
            new TransientException($"The hub '{hub}' is busy: it takes no more at the moment.", failed) { RetryAfter = BusyDelay },
        _ when failed.IsTransient || failed.Reason is EventHubsException.FailureReason.ServiceTimeout
            or EventHubsException.FailureReason.ServiceCommunicationProblem => NoAnswer(failed, hub),
        _ => new TerminalException(
            FailureKind.Internal, "HubRefused", $"The hub '{hub}' refused the events: {failed.Reason}.", innerException: failed),
    };

    private static TransientException NoAnswer(Exception exception, string hub) =>
        new($"The hub '{hub}' does not answer.", exception) { RetryAfter = TimeSpan.FromSeconds(2) };
}
