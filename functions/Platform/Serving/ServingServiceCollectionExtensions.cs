using System.Reflection;
using DataPlatform.Serving;
using DataPlatform.Serving.Inspection;
using DataPlatform.Serving.TableReading;
using DataPlatform.Serving.Warehouse;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Extensions.DependencyInjection;

public static class ServingServiceCollectionExtensions
{
    /// <summary>The doors to tables and marts. Needs catalog, tables and SQL.</summary>
    public static IServiceCollection AddServing(this IServiceCollection services)
    {
        services.AddSingleton<ServedTables>();
        services.AddSingleton<TableVersions>();
        services.AddSingleton<TableInspector>();
        services.AddSingleton<HotMarts>();
        services.AddSingleton<TableReads>();
        services.AddSingleton<TableExports>();
        services.AddSingleton<MartFreshness>();
        services.AddSingleton<RowsDoor>();
        services.TryAddSingleton(_ => new QueryWorkerProgram(Assembly.GetEntryAssembly()!.Location));
        services.AddSingleton<QueryWorkers>();
        services.AddSingleton<QueryTables>();
        services.AddSingleton<QueryDoor>();
        return services;
    }
}
