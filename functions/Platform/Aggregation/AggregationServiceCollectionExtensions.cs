using DataPlatform.Aggregation;
using DataPlatform.Tables;

namespace Microsoft.Extensions.DependencyInjection;

public static class AggregationServiceCollectionExtensions
{
    /// <summary>Marts: compiled and refreshed. Needs catalog, tables and SQL.</summary>
    public static IServiceCollection AddAggregation(this IServiceCollection services)
    {
        services.AddSingleton<MartCompiler>();
        services.AddSingleton<MartCheck>();
        services.AddSingleton<TouchedPartitions>();
        services.AddSingleton<RefreshDecider>();
        services.AddSingleton<MartRefresher>();
        services.AddSingleton<MartSources>();
        services.AddSingleton<MartVerifier>();
        services.AddSingleton<MartExplainer>();
        services.AddSingleton<MartStatuses>();
        services.AddSingleton<MartHolds>();

        // The tables ask the holds, and these the tables: who they are is found out when they are asked.
        services.AddSingleton(static provider => new HoldSource((table, id, cancellationToken) => provider.GetRequiredService<MartHolds>().FindAsync(table, id, cancellationToken)));
        services.AddSingleton<RefreshActivities>();
        return services;
    }
}
