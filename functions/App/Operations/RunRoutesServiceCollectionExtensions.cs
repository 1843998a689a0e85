using Microsoft.Extensions.DependencyInjection;

namespace DataPlatform.App.Operations;

internal static class RunRoutesServiceCollectionExtensions
{
    /// <summary>What the functions of pipelines' runs and marts' refreshes share.</summary>
    public static IServiceCollection AddRunRoutes(this IServiceCollection services) => services
        .AddSingleton<RunHistory>()
        .AddSingleton<RunReader>()
        .AddSingleton<RunScheduler>();
}
