using DataPlatform.Local.Runtime.Durable.Management;
using DataPlatform.Local.Runtime.Functions;
using DataPlatform.Local.Runtime.Http;
using Microsoft.DurableTask;
using Microsoft.Extensions.DependencyInjection;

namespace DataPlatform.Local.Runtime.Durable;

/// <summary>Adds what runs orchestrations.</summary>
internal static class DurableServices
{
    /// <remarks>
    /// <c>DurableTaskClient</c> is not a service, as on the official host: functions take it by <c>[DurableClient]</c>.
    /// </remarks>
    public static IServiceCollection AddDurable(this IServiceCollection services, FunctionCatalog catalog)
    {
        services.AddSingleton<IFunctionValidator, DurableFunctionValidator>();
        services.AddSingleton<IParameterBinder, OrchestrationBinder>();
        services.AddSingleton<IParameterBinder, ActivityBinder>();
        services.AddSingleton<IParameterBinder, DurableClientBinder>();
        services.AddSingleton<DurableSettings>();
        services.AddSingleton<DataConverter>(DurableJson.Converter);
        services.AddSingleton<DurableFunctions>();
        services.AddSingleton<DurableHost>();
        services.AddSingleton<ManagementAccess>();
        services.AddSingleton<ManagementLinks>();
        services.AddSingleton<InstanceEndpoints>();
        services.AddSingleton<OrchestratorEndpoints>();
        services.AddSingleton<ManagementApi>();
        if (catalog.Functions.Any(DurableFunctions.NeedsEngine))
        {
            services.AddHostedService(provider => provider.GetRequiredService<DurableHost>());
            services.AddSingleton(provider => new BuiltInRoute(ManagementLinks.Prefix, provider.GetRequiredService<ManagementApi>().HandleAsync));
        }

        return services;
    }
}
