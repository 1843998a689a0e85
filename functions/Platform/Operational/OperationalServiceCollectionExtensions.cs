using DataPlatform.Operational;
using DataPlatform.Operations;

namespace Microsoft.Extensions.DependencyInjection;

public static class OperationalServiceCollectionExtensions
{
    /// <summary>The operational store. Needs catalog, tables, SQL, operations and ingestion.</summary>
    public static IServiceCollection AddOperational(this IServiceCollection services)
    {
        services.AddSingleton<OperationalProjection>();
        services.AddSingleton<IDatasetProjection>(static provider => provider.GetRequiredService<OperationalProjection>());
        services.AddSingleton<OperationalStore>();
        return services;
    }
}
