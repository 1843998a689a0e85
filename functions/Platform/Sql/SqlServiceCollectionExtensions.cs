using DataPlatform.Sql;
using DataPlatform.Sql.Lineage;
using DataPlatform.Sql.Maintenance;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

public static class SqlServiceCollectionExtensions
{
    /// <summary>The SQL engines with their file cache, and what writes tables through it. Needs the lake.</summary>
    public static IServiceCollection AddSql(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<ScratchFolder>();
        services.AddHostedService<ScratchStart>();
        services.AddSingleton<FileCache>();
        services.AddSingleton(provider => Create(provider, SqlEngine.ForWork));
        services.AddKeyedSingleton(SqlEngine.Serving, (provider, _) => Create(provider, SqlEngine.ForServing));
        services.AddSingleton<ParquetStage>();
        services.AddSingleton<KeyPartitions>();
        services.AddSingleton<TableMerge>();
        services.AddSingleton<SqlInspector>();
        services.AddSingleton<SqlLineage>();
        services.AddSingleton<Compaction>();
        services.AddSingleton<RowChanges>();
        services.AddSingleton<ColumnWidening>();
        return services;
    }

    private static SqlEngine Create(
        IServiceProvider provider, Func<IOptions<DataPlatform.PlatformOptions>, ScratchFolder, FileCache, SqlEngine> create) => create(
            provider.GetRequiredService<IOptions<DataPlatform.PlatformOptions>>(),
            provider.GetRequiredService<ScratchFolder>(),
            provider.GetRequiredService<FileCache>());
}
