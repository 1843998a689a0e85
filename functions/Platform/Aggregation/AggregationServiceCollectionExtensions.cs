using DataPlatform.Aggregation;

namespace Microsoft.Extensions.DependencyInjection;

public static class AggregationServiceCollectionExtensions
{
    /// <summary>Marts: compiled and refreshed. Needs catalog, tables and SQL.</summary>
    public static IServiceCollection AddAggregation(this IServiceCollection services)
    {
        services.AddSingleton<MartCompiler>();
        services.AddSingleton<MartCheck>();
        services.AddSingleton<MartRefresher>();
        services.AddSingleton<RefreshActivities>();
        return services;
    }
}
