using DataPlatform.App.Ingestion;

namespace Microsoft.Extensions.DependencyInjection;

internal static class IngestRoutesServiceCollectionExtensions
{
    /// <summary>What the routes share that rows come in by.</summary>
    public static IServiceCollection AddIngestRoutes(this IServiceCollection services) => services
        .AddSingleton<IngestRequests>()
        .AddSingleton<BlockAnswers>()
        .AddSingleton<BatchAnswers>()
        .AddSingleton<UploadAnswers>()
        .AddSingleton<BatchPost>();
}
