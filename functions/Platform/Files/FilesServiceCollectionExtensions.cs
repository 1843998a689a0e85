using DataPlatform.Files;

namespace Microsoft.Extensions.DependencyInjection;

public static class FilesServiceCollectionExtensions
{
    /// <summary>The lake over HTTP. Needs the lake and the gateway.</summary>
    public static IServiceCollection AddFiles(this IServiceCollection services) => services
        .AddSingleton<LakeLister>()
        .AddSingleton<LakeReader>()
        .AddSingleton<LakeWriter>();
}
