using DataPlatform.Serving.OData;

namespace Microsoft.Extensions.DependencyInjection;

public static class ODataServiceCollectionExtensions
{
    /// <summary>The OData door. Needs serving and the gateway.</summary>
    public static IServiceCollection AddOData(this IServiceCollection services)
    {
        services.AddSingleton<EntitySets>();
        services.AddSingleton<ODataDoor>();
        return services;
    }
}
