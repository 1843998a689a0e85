using DataPlatform.Failures;

namespace DataPlatform.Streaming;

/// <summary>What can be asked of the hubs of the namespace.</summary>
public interface IHubDirectory
{
    /// <summary>When the hub was created, UTC.</summary>
    /// <exception cref="TransientException">The hub does not answer.</exception>
    /// <exception cref="TerminalException"><c>HubNotFound</c>, <c>HubDenied</c>, <c>HubRefused</c>.</exception>
    Task<DateTimeOffset> GetCreatedAsync(string hub, CancellationToken cancellationToken);
}
