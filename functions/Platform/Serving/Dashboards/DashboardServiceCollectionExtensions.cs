using DataPlatform.Serving.Dashboards;

namespace Microsoft.Extensions.DependencyInjection;

public static class DashboardServiceCollectionExtensions
{
    /// <summary>What answers for dashboards. Needs the doors to tables and marts.</summary>
    public static IServiceCollection AddDashboards(this IServiceCollection services)
    {
        services.AddSingleton<DashboardCheck>();
        services.AddSingleton<DashboardLinkRequests>();
        services.AddSingleton<DashboardReads>();
        services.AddSingleton<PageFiles>();
        services.AddSingleton<TimeRanges>();
        return services;
    }
}
