using DataPlatform.Local.EventHubs;
using DataPlatform.Local.Runtime.Hosting;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Local.Runtime.EventHubs;

/// <summary>Runs the embedded endpoint: up before whoever uses it, and down after.</summary>
internal sealed class EmbeddedHubsService(EmbeddedHubs hubs, RuntimeSettings settings, ILoggerFactory logging, TimeProvider clock) : IHostedService
{
    private EventHubsEndpoint? _endpoint;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var options = new EventHubsEndpointOptions
        {
            Configuration = hubs.Configuration,
            Folder = Path.Combine(settings.StateFolder, "event-hubs-log"),
            Port = hubs.Port,
            HealthPort = hubs.Port == EventHubsEndpointOptions.DefaultPort ? EventHubsEndpointOptions.DefaultHealthPort : null,
            EndsBySignal = false,
        };
        _endpoint = await EventHubsEndpoint.StartAsync(options, logging, clock, cancellationToken);
        Log.EndpointStarted(logging.CreateLogger<EmbeddedHubsService>(), options.Port, options.Folder);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_endpoint is { } endpoint)
        {
            await endpoint.DisposeAsync();
        }
    }
}
