using DataPlatform.Lake;
using DataPlatform.Operational;
using DataPlatform.Operations;
using DataPlatform.Tables.Maintenance;

namespace Microsoft.Extensions.DependencyInjection;

public static class OperationalServiceCollectionExtensions
{
    /// <summary>The operational store. Needs catalog, tables, SQL, operations and ingestion.</summary>
    public static IServiceCollection AddOperational(this IServiceCollection services)
    {
        services.AddSingleton<OperationalProjection>();
        services.AddSingleton<IDatasetProjection>(static provider => provider.GetRequiredService<OperationalProjection>());
        services.AddSingleton<OperationalStore>();
        services.AddSingleton(static provider => new TableLeftover("operationalRows", (table, dryRun, cancellationToken) =>
            OperationalRows.PurgeAsync(provider.GetRequiredService<IRowStore>(), provider.GetRequiredService<IObjectStore>(), table, dryRun, cancellationToken)));
        return services;
    }
}
