using Azure.Identity;
using Azure.Messaging.EventHubs;
using Azure.Messaging.EventHubs.Producer;
using DataPlatform.App.Azure;
using DataPlatform.Ingestion.Streaming;
using DataPlatform.Lake;
using DataPlatform.Streaming;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Extensions.Hosting;

internal static partial class HostAdapters
{
    // The setting that Event Hubs triggers read: a connection string or, for managed identity, EventHubs__fullyQualifiedNamespace.
    private const string EventHubs = "EventHubs";

    private static readonly EventHubProducerClientOptions ProducerOptions = new()
    {
        // Whoever sends gets its 503 while it still waits.
        RetryOptions = new EventHubsRetryOptions { MaximumRetries = 2, TryTimeout = TimeSpan.FromSeconds(15) },
    };

    static partial void Add(IHostApplicationBuilder builder)
    {
        builder.Services.Replace(ServiceDescriptor.Singleton<IDirectoryOperations>(static provider =>
            provider.GetRequiredService<StorageAddress>().Folder is null
                ? ActivatorUtilities.CreateInstance<DataLakeDirectories>(provider)
                : new FlatDirectories()));

        if (builder.Configuration[EventHubs] is { Length: > 0 } connection)
        {
            builder.Services.AddSingleton<IEventPublisher>(new EventHubPublisher(hub => new(connection, hub, ProducerOptions)));
            builder.Services.AddSingleton<IHubDirectory>(new EventHubDirectory(hub => new(connection, hub, ProducerOptions)));
        }
        else if (builder.Configuration[$"{EventHubs}:fullyQualifiedNamespace"] is { Length: > 0 } host)
        {
            var credential = new DefaultAzureCredential();
            builder.Services.AddSingleton<IEventPublisher>(new EventHubPublisher(hub => new(host, hub, credential, ProducerOptions)));
            builder.Services.AddSingleton<IHubDirectory>(new EventHubDirectory(hub => new(host, hub, credential, ProducerOptions)));
        }
    }
}
