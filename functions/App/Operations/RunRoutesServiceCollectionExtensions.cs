using Microsoft.Extensions.DependencyInjection;

namespace DataPlatform.App.Operations;

internal static class RunRoutesServiceCollectionExtensions
{
    /// <summary>What the functions of receipts, of pipelines' runs and of marts' refreshes share.</summary>
    public static IServiceCollection AddRunRoutes(this IServiceCollection services) => services
        .AddSingleton<RunEnding>()
        .AddSingleton<RunHistory>()
        .AddSingleton<ReceiptReader>()
        .AddSingleton<RunRecovery>()
        .AddSingleton<RunReader>()
        .AddSingleton<RunScheduler>();
}
