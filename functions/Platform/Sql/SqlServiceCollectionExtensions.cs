using DataPlatform.Sql;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Extensions.DependencyInjection;

public static class SqlServiceCollectionExtensions
{
    /// <summary>The SQL engine with its file cache, and what writes tables through it. Needs the lake.</summary>
    public static IServiceCollection AddSql(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<ScratchFolder>();
        services.AddSingleton<FileCache>();
        services.AddSingleton<SqlEngine>();
        services.AddSingleton<ParquetStage>();
        services.AddSingleton<TableMerge>();
        services.AddSingleton<SqlInspector>();
        return services;
    }
}
