using DataPlatform;
using DataPlatform.Ingestion;
using DataPlatform.Ingestion.Batches;
using DataPlatform.Ingestion.CloudEvents;
using DataPlatform.Ingestion.Dedupe;
using DataPlatform.Ingestion.Preview;
using DataPlatform.Ingestion.Proof;
using DataPlatform.Ingestion.Quarantine;
using DataPlatform.Ingestion.Realtime;
using DataPlatform.Ingestion.Routing;
using DataPlatform.Ingestion.Uploads;
using DataPlatform.Ingestion.Uploads.Fetch;
using DataPlatform.Lake;
using DataPlatform.Operations;
using DataPlatform.Tables;
using DataPlatform.Tables.Maintenance;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

public static class IngestionServiceCollectionExtensions
{
    /// <summary>Batches, what settles them, and single rows. Needs the lake, tables, SQL, the catalog and operations.</summary>
    public static IServiceCollection AddIngestion(this IServiceCollection services)
    {
        services.TryAddSingleton(provider => IngestionLimits.Of(provider.GetRequiredService<IOptions<PlatformOptions>>().Value));
        services.AddOptions<PlatformOptions>().Validate(FetchPolicy.IsValid, "DataPlatform: FetchPorts or FetchAllow has an entry that is not understood.");
        services.AddSingleton<ContractPlans>();
        services.AddSingleton<ContractCheck>();
        services.AddSingleton<CloudEventBinding>();
        services.AddSingleton<KeyFiles>();
        services.AddSingleton(static provider => new FilesRewritten((snapshot, removed, added, cancellationToken) =>
            provider.GetRequiredService<KeyFiles>().CarryAsync(snapshot, removed, added, cancellationToken)));
        services.AddDatasetLeftovers();
        services.AddSingleton<WindowedAppend>();
        services.AddSingleton<PartRewriter>();
        services.AddSingleton<BatchService>();
        services.AddSingleton<BatchSettlement>();
        services.AddSingleton<UploadStore>();
        services.AddSingleton<UploadReceiver>();
        services.AddSingleton<UploadAddresses>();
        services.AddSingleton<UploadSessions>();
        services.AddSingleton<UploadExpiry>();
        services.AddSingleton<BlockReceiver>();
        services.AddSingleton<UploadActivities>();
        services.AddSingleton<UploadReader>();
        services.AddSingleton<ReceiptLists>();
        services.AddSingleton<FileProof>();
        services.AddSingleton<RawProof>();
        services.AddSingleton<LedgerProver>();
        services.AddSingleton<BatchValidator>();
        services.AddSingleton<RecordService>();
        services.AddSingleton<ContractInference>();
        services.AddSingleton<ContractReplay>();
        services.AddSingleton<DatasetCreator>();
        services.AddSingleton<RowCommitter>();
        services.AddSingleton<RouteTable>();
        services.AddSingleton<RouteCheck>();
        services.AddSingleton<IngestGateway>();
        services.AddSingleton<UrlFetcher>();
        services.AddSingleton<QuarantineProjection>();
        services.AddSingleton<IDatasetProjection>(static provider => provider.GetRequiredService<QuarantineProjection>());
        services.AddSingleton<AnsweredErrors>();
        services.AddSingleton<QuarantineService>();
        services.AddSingleton<FetchReceiver>();
        services.AddSingleton<FetchActivities>();
        services.AddSingleton<ReplayPlanner>();
        services.AddSingleton<ReplayStore>();
        services.AddSingleton<QuarantineReplayer>();
        services.AddSingleton<QuarantineDismisser>();
        services.AddSingleton<QuarantineRetention>();
        return services;
    }

    /// <summary>What goes with a dataset's table. Its receipts, its ledger and what lies in the raw zone say what was received, and stay.</summary>
    private static void AddDatasetLeftovers(this IServiceCollection services)
    {
        foreach (var (name, folder) in new[] { ("quarantineFiles", "lake/quarantine"), ("uploadFiles", "lake/uploads") })
        {
            services.AddSingleton(provider => new TableLeftover(name, async (table, dryRun, cancellationToken) => table.Kind == TableKind.Dataset
                ? await Purge.ObjectsAsync(provider.GetRequiredService<IObjectStore>(), LakePath.Parse($"{folder}/{table.Name}"), dryRun, cancellationToken)
                : 0));
        }

        foreach (var (name, rows) in new[]
        {
            ("quarantineRows", QuarantineIndex.RowTable), ("replayRows", ReplayStore.Table), ("uploadRows", UploadStore.RowTable), ("claimRows", ClaimStore.RowTable),
        })
        {
            services.AddSingleton(provider => new TableLeftover(name, async (table, dryRun, cancellationToken) => table.Kind == TableKind.Dataset
                ? await Purge.RowsAsync(provider.GetRequiredService<IRowStore>(), rows, table.Name, dryRun, cancellationToken)
                : 0));
        }
    }
}
