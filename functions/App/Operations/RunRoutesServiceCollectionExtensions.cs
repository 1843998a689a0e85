using DataPlatform.App.Processing;
using Microsoft.Extensions.DependencyInjection;

namespace DataPlatform.App.Operations;

internal static class RunRoutesServiceCollectionExtensions
{
    /// <summary>What the functions of receipts and the ledger, of pipelines' runs and of marts' refreshes share.</summary>
    public static IServiceCollection AddRunRoutes(this IServiceCollection services) => services
        .AddSingleton<RunEnding>()
        .AddSingleton<RunHistory>()
        .AddSingleton<LedgerReader>()
        .AddSingleton<ReceiptReader>()
        .AddSingleton<RunRecovery>()
        .AddSingleton<RunReader>()
        .AddSingleton<RunActions>()
        .AddSingleton<BackfillRequests>()
        .AddSingleton<RunScheduler>();
}
