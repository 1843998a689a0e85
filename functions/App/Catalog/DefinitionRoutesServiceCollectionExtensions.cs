using DataPlatform.App.Ingestion;
using DataPlatform.App.Processing;
using DataPlatform.Catalog;
using Microsoft.Extensions.DependencyInjection;

namespace DataPlatform.App.Catalog;

internal static class DefinitionRoutesServiceCollectionExtensions
{
    /// <summary>What the routes of definitions share.</summary>
    public static IServiceCollection AddDefinitionRoutes(this IServiceCollection services) => services
        .AddSingleton<DefinitionHandler<DatasetDefinition>>()
        .AddSingleton<ContractPut>()
        .AddSingleton<DefinitionHandler<PipelineDefinition>>()
        .AddSingleton<StepChangeOption>()
        .AddSingleton<DefinitionHandler<MartDefinition>>()
        .AddSingleton<DefinitionHandler<RouteDefinition>>()
        .AddSingleton<DefinitionHandler<DashboardDefinition>>()
        .AddSingleton<TriggerRoutes>();
}
