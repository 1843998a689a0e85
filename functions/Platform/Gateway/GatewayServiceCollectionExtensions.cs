using DataPlatform;
using DataPlatform.Gateway;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Extensions.DependencyInjection;

public static class GatewayServiceCollectionExtensions
{
    /// <summary>Settings, keys, limits, links and the writer of errors.</summary>
    public static IServiceCollection AddGateway(this IServiceCollection services)
    {
        services.AddOptions<PlatformOptions>().BindConfiguration(PlatformOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<ApiKeys>();
        services.AddSingleton<BodyLimits>();
        services.AddSingleton<DashboardLinks>();
        services.AddSingleton<ErrorWriter>();
        services.AddSingleton<Links>();
        services.AddSingleton<WebhookHandshake>();
        services.AddHostedService<AdminKeyNotice>();
        return services;
    }
}
