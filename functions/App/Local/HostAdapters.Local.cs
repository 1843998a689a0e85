using DataPlatform.App.Local;
using DataPlatform.Ingestion.Streaming;
using DataPlatform.Local.EventHubs.Client;
using DataPlatform.Streaming;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.Extensions.Hosting;

internal static partial class HostAdapters
{
    // The setting that Event Hubs triggers read.
    private const string EventHubs = "EventHubs";
    private const string HubName = "DataPlatform:EventHub";

    static partial void Add(IHostApplicationBuilder builder)
    {
        // The official host reads it from the settings alone.
        if (builder.Configuration[HubName] is null)
            builder.Configuration.AddInMemoryCollection([KeyValuePair.Create(HubName, (string?)"events")]);

        if (builder.Configuration[EventHubs] is { Length: > 0 } connection)
        {
            builder.Services.AddSingleton(provider => new HubClient(HubConnectionString.Parse(connection), provider.GetRequiredService<TimeProvider>()));
            builder.Services.AddSingleton<IEventPublisher, LocalEventPublisher>();
            builder.Services.AddSingleton<IHubDirectory, LocalHubDirectory>();
        }
    }
}
