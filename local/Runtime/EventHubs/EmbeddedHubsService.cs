using DataPlatform.Local.EventHubs;
using DataPlatform.Local.Runtime.Hosting;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Local.Runtime.EventHubs;

/// <summary>Runs the embedded endpoint: up before whoever uses it, and down after.</summary>
internal sealed class EmbeddedHubsService(EmbeddedHubs hubs, RuntimeSettings settings, ILoggerFactory logging, TimeProvider clock) : IHostedService
{
    private EventHubsEndpoint? _endpoint;

    public async Task StartAsync(CancellationToken cancellationToken) => _endpoint = await EventHubsEndpoint.StartAsync(
        new EventHubsEndpointOptions
        {
            Configuration = hubs.Configuration,
            Folder = Path.Combine(settings.StateFolder, "event-hubs-log"),
            Port = hubs.Port,
            HealthPort = hubs.Port == EventHubsEndpointOptions.DefaultPort ? EventHubsEndpointOptions.DefaultHealthPort : null,
            EndsBySignal = false,
        },
        logging,
        clock,
        cancellationToken);

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_endpoint is { } endpoint)
        {
            await endpoint.DisposeAsync();
        }
    }
}
