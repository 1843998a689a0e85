using DataPlatform.Local.Runtime.Functions;
using Microsoft.Extensions.DependencyInjection;

namespace DataPlatform.Local.Runtime.Durable;

/// <summary>Adds what runs orchestrations.</summary>
internal static class DurableServices
{
    public static IServiceCollection AddDurable(this IServiceCollection services, FunctionCatalog catalog) => services;
}
