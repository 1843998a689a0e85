using DataPlatform.Streaming;

namespace Microsoft.Extensions.DependencyInjection;

public static class StreamingServiceCollectionExtensions
{
    /// <summary>What takes events of hubs into tables. Needs ingestion and what that needs; of use where there is an <see cref="IHubDirectory"/>.</summary>
    public static IServiceCollection AddStreaming(this IServiceCollection services)
    {
        services.AddSingleton<StreamConsumer>();
        return services;
    }
}
