using DataPlatform.Local.Runtime.Functions;
using Microsoft.Extensions.DependencyInjection;

namespace DataPlatform.Local.Runtime.Timers;

internal static class TimerServices
{
    public static IServiceCollection AddTimers(this IServiceCollection services)
    {
        services.AddSingleton<TimerStore>();
        services.AddSingleton<TimerService>();
        services.AddSingleton<IFunctionValidator>(provider => provider.GetRequiredService<TimerService>());
        services.AddHostedService(provider => provider.GetRequiredService<TimerService>());
        services.AddSingleton<IParameterBinder, TimerBinder>();
        return services;
    }
}
