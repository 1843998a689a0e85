using DataPlatform.Serving;
using DataPlatform.Serving.Inspection;

namespace Microsoft.Extensions.DependencyInjection;

public static class ServingServiceCollectionExtensions
{
    /// <summary>The doors to tables and marts. Needs catalog, tables and SQL.</summary>
    public static IServiceCollection AddServing(this IServiceCollection services)
    {
        services.AddSingleton<ServedTables>();
        services.AddSingleton<TableVersions>();
        services.AddSingleton<TableInspector>();
        services.AddSingleton<RowsDoor>();
        return services;
    }
}
