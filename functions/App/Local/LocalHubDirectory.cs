using DataPlatform.Failures;
using DataPlatform.Local.EventHubs.Client;
using DataPlatform.Streaming;

namespace DataPlatform.App.Local;

/// <summary>Asks hubs over AMQP, without the official client.</summary>
internal sealed class LocalHubDirectory(HubClient client) : IHubDirectory
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(2);

    public async Task<DateTimeOffset> GetCreatedAsync(string hub, CancellationToken cancellationToken)
    {
        try
        {
            return (await client.GetPropertiesAsync(hub, cancellationToken)).Created;
        }
        catch (HubException failed)
        {
            throw failed.Failure switch
            {
                HubFailure.NotFound => new TerminalException(
                    FailureKind.Internal, "HubNotFound", $"There is no event hub '{hub}' in the namespace: create it, or name another.", "hub", innerException: failed),
                HubFailure.Denied => new TerminalException(
                    FailureKind.Internal, "HubDenied", $"The hub '{hub}' denies access: check the connection string in the setting EventHubs.", "EventHubs", innerException: failed),
                _ => new TransientException($"The hub '{hub}' does not answer.", failed) { RetryAfter = RetryDelay },
            };
        }
    }
}
