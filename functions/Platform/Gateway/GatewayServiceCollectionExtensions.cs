using DataPlatform;
using DataPlatform.Gateway;

namespace Microsoft.Extensions.DependencyInjection;

public static class GatewayServiceCollectionExtensions
{
    /// <summary>Settings, keys, limits, links and the writer of errors.</summary>
    public static IServiceCollection AddGateway(this IServiceCollection services)
    {
        services.AddOptions<PlatformOptions>().BindConfiguration(PlatformOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<ApiKeys>();
        services.AddSingleton<BodyLimits>();
        services.AddSingleton<ErrorWriter>();
        services.AddSingleton<Links>();
        services.AddSingleton<WebhookHandshake>();
        services.AddHostedService<AdminKeyNotice>();
        return services;
    }
}
