using DataPlatform.Lake;
using DataPlatform.Operations;
using DataPlatform.Warehouse;

namespace Microsoft.Extensions.DependencyInjection;

public static class WarehouseServiceCollectionExtensions
{
    /// <summary>Operations on tables. Needs the lake, tables, SQL, the catalog and operations.</summary>
    public static IServiceCollection AddWarehouse(this IServiceCollection services)
    {
        services.AddSingleton(static provider => new OperationStore<TableOperation>(
            provider.GetRequiredService<IRowStore>(), TableOperation.RowTable, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<TableOperations>();
        return services;
    }
}
