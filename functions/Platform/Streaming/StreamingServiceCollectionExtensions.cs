using DataPlatform.Streaming;

namespace Microsoft.Extensions.DependencyInjection;

public static class StreamingServiceCollectionExtensions
{
    /// <summary>What takes events of hubs into tables. Needs ingestion and what that needs; the host brings the <see cref="IHubDirectory"/>.</summary>
    public static IServiceCollection AddStreaming(this IServiceCollection services)
    {
        services.AddSingleton<IHubDirectory, NoHubs>();
        services.AddSingleton<StreamConsumer>();
        return services;
    }
}
