using System.Collections.Concurrent;
using System.Net.Sockets;
using Azure.Identity;
using Azure.Messaging.EventHubs;
using Azure.Messaging.EventHubs.Producer;
using DataPlatform.Failures;
using DataPlatform.Streaming;

namespace DataPlatform.App.Azure;

/// <summary>Asks hubs with the official producer.</summary>
/// <param name="connect">Makes the client of a hub; one is kept for each.</param>
internal sealed class EventHubDirectory(Func<string, EventHubProducerClient> connect) : IHubDirectory, IAsyncDisposable
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<string, Lazy<EventHubProducerClient>> _clients = new(StringComparer.OrdinalIgnoreCase);

    public async Task<DateTimeOffset> GetCreatedAsync(string hub, CancellationToken cancellationToken)
    {
        try
        {
            var client = _clients.GetOrAdd(hub, name => new(() => connect(name))).Value;
            return (await client.GetEventHubPropertiesAsync(cancellationToken)).CreatedOn;
        }
        catch (EventHubsException missing) when (missing.Reason == EventHubsException.FailureReason.ResourceNotFound)
        {
            throw new TerminalException(
                FailureKind.Internal, "HubNotFound", $"There is no event hub '{hub}' in the namespace: create it, or name another.", "hub", innerException: missing);
        }
        catch (Exception denied) when (denied is UnauthorizedAccessException or CredentialUnavailableException)
        {
            throw new TerminalException(
                FailureKind.Internal,
                "HubDenied",
                $"The hub '{hub}' denies access: check the connection string in the setting EventHubs or, with a managed identity, its role "
                + "'Azure Event Hubs Data Receiver'.",
                "EventHubs",
                innerException: denied);
        }
        catch (Exception failed) when (failed is EventHubsException or AuthenticationFailedException or TimeoutException or SocketException or IOException
            || (failed is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new TransientException($"The hub '{hub}' does not answer.", failed) { RetryAfter = RetryDelay };
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients.Values.Where(client => client.IsValueCreated))
            await client.Value.DisposeAsync();
    }
}
