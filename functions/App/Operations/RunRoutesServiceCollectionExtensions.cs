using Microsoft.Extensions.DependencyInjection;

namespace DataPlatform.App.Operations;

internal static class RunRoutesServiceCollectionExtensions
{
    /// <summary>What the routes of pipelines' runs and marts' refreshes share.</summary>
    public static IServiceCollection AddRunRoutes(this IServiceCollection services) => services
        .AddSingleton<RunReader>()
        .AddSingleton<RunScheduler>();
}
