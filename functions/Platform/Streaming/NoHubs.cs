using DataPlatform.Failures;

namespace DataPlatform.Streaming;

/// <summary>Where no namespace is set.</summary>
internal sealed class NoHubs : IHubDirectory
{
    public Task<DateTimeOffset> GetCreatedAsync(string hub, CancellationToken cancellationToken) => throw new TerminalException(
        FailureKind.Internal, "HubNotConfigured", "There is no namespace of event hubs: write its connection string in the setting EventHubs.", "EventHubs");
}
