using DataPlatform.Processing;
using DataPlatform.Processing.Lineage;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Extensions.DependencyInjection;

public static class ProcessingServiceCollectionExtensions
{
    /// <summary>Pipelines and their runs. Needs the lake, tables, SQL, the catalog and operations.</summary>
    public static IServiceCollection AddProcessing(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<RunFiles>();
        services.AddSingleton<PipelineCompiler>();
        services.AddSingleton<TableUsers>();
        services.AddSingleton<NewRows>();
        services.AddSingleton<RunStarter>();
        services.AddSingleton<StepPlanner>();
        services.AddSingleton<GroupRunner>();
        services.AddSingleton<StepCommitter>();
        services.AddSingleton<PipelineActivities>();
        services.AddSingleton<TableGraphs>();
        services.AddSingleton<TableCoverage>();
        services.AddSingleton<BatchTrails>();
        services.AddSingleton<ReceiptWaiter>();
        return services;
    }
}
