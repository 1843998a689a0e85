using DataPlatform.Tables.Maintenance;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace DataPlatform.Tables;

public static class TablesServiceCollectionExtensions
{
    /// <summary>Delta tables and their projections. Needs the object store and the row store.</summary>
    public static IServiceCollection AddTables(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddOptions<PlatformOptions>();
        services.AddSingleton<TableHolds>();
        services.AddSingleton<DeltaTables>();
        services.AddSingleton<TableProjector>();
        services.AddSingleton<TableLineage>();
        services.AddSingleton<TableRestore>();
        services.AddSingleton<TableVacuum>();
        services.AddSingleton<TableDrop>();
        return services;
    }
}
