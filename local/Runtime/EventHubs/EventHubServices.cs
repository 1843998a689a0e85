using DataPlatform.Local.Runtime.Functions;
using Microsoft.Extensions.DependencyInjection;

namespace DataPlatform.Local.Runtime.EventHubs;

/// <summary>Adds what runs functions with events of event hubs.</summary>
internal static class EventHubServices
{
    public static IServiceCollection AddEventHubs(this IServiceCollection services, EmbeddedHubs? hubs)
    {
        if (hubs is not null)
        {
            services.AddSingleton(hubs);
            services.AddHostedService<EmbeddedHubsService>();
        }

        services.AddSingleton<IParameterBinder, EventHubBinder>();
        services.AddSingleton<EventHubService>();
        services.AddSingleton<IFunctionValidator>(provider => provider.GetRequiredService<EventHubService>());
        services.AddHostedService(provider => provider.GetRequiredService<EventHubService>());
        return services;
    }
}
