using DataPlatform.Processing;
using DataPlatform.Processing.Backfills;
using DataPlatform.Processing.Lineage;
using DataPlatform.Processing.Lineage.Columns;
using DataPlatform.Processing.Lineage.OpenLineage;
using DataPlatform.Tables;
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
        services.AddSingleton<TableWriters>();
        services.AddSingleton<TableUsers>();
        services.AddSingleton<NewRows>();
        services.AddSingleton<StepHolds>();

        // The tables ask the holds, and these the tables: who they are is found out when they are asked.
        services.AddSingleton(static provider => new HoldSource((table, id, cancellationToken) =>
            provider.GetRequiredService<StepHolds>().FindAsync(table, id, cancellationToken)));
        services.AddSingleton<BackfillPlanner>();
        services.AddSingleton<BackfillStart>();
        services.AddSingleton<BackfillTurns>();
        services.AddSingleton<RunSuccession>();
        services.AddSingleton<StepRefreshes>();
        services.AddSingleton<StepChanges>();
        services.AddSingleton<RunStarter>();
        services.AddSingleton<StepPlanner>();
        services.AddSingleton<ResultStage>();
        services.AddSingleton<SplitRunner>();
        services.AddSingleton<StepStops>();
        services.AddSingleton<GroupRunner>();
        services.AddSingleton<QuarantinedRows>();
        services.AddSingleton<QualityLog>();
        services.AddSingleton<AggregateChecks>();
        services.AddSingleton<StepInputs>();
        services.AddSingleton<StepReplacement>();
        services.AddSingleton<StepCommitter>();
        services.AddSingleton<PipelineActivities>();
        services.AddSingleton<TableGraphs>();
        services.AddSingleton<TableCoverage>();
        services.AddSingleton<BatchTrails>();
        services.AddSingleton<ReceiptWaiter>();
        services.AddSingleton<TableShapes>();
        services.AddSingleton<ColumnLineages>();
        services.AddSingleton<LineageReader>();
        services.AddSingleton<OpenLineageReader>();
        return services;
    }
}
