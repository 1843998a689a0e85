using DataPlatform.App.Lake;

namespace Microsoft.Extensions.DependencyInjection;

internal static class LakeRoutesServiceCollectionExtensions
{
    /// <summary>What the routes share that change folders of the lake.</summary>
    public static IServiceCollection AddLakeRoutes(this IServiceCollection services) => services.AddSingleton<LakeChanges>();
}
