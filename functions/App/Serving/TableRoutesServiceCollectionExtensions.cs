using DataPlatform.App.Processing;
using DataPlatform.App.Serving;

namespace Microsoft.Extensions.DependencyInjection;

internal static class TableRoutesServiceCollectionExtensions
{
    /// <summary>What the routes share that tell of tables and of dashboards over them.</summary>
    public static IServiceCollection AddTableRoutes(this IServiceCollection services) => services
        .AddSingleton<TableAnswers>()
        .AddSingleton<DashboardAnswers>()
        .AddSingleton<LineageAnswers>();
}
