using DataPlatform.Local.Runtime.Functions;
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
        if (catalog.Functions.Any(DurableFunctions.NeedsEngine)) services.AddHostedService(provider => provider.GetRequiredService<DurableHost>());
        return services;
    }
}
