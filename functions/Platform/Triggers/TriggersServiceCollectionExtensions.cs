using DataPlatform.Operations;
using DataPlatform.Triggers;

namespace Microsoft.Extensions.DependencyInjection;

public static class TriggersServiceCollectionExtensions
{
    /// <summary>What starts runs besides requests. Needs the lake, tables, the catalog and operations.</summary>
    public static IServiceCollection AddTriggers(this IServiceCollection services)
    {
        services.AddSingleton<TriggerCatalog>();
        services.AddSingleton<TriggerStates>();
        services.AddSingleton<TriggerHints>();
        services.AddSingleton<IDatasetProjection>(static provider => provider.GetRequiredService<TriggerHints>());
        services.AddSingleton<TableWatch>();
        services.AddSingleton<ScheduleTriggers>();
        services.AddSingleton<ChangeTriggers>();
        services.AddSingleton<TriggerEvaluator>();
        services.AddSingleton<TriggerTicker>();
        services.AddSingleton<TriggerCheck>();
        services.AddSingleton<TriggerReader>();
        services.AddSingleton<RunSettlement>();
        services.AddSingleton<RunUpkeep>();
        return services;
    }
}
