using DataPlatform.Files;

namespace Microsoft.Extensions.DependencyInjection;

public static class FilesServiceCollectionExtensions
{
    /// <summary>The lake over HTTP. Needs the lake, the gateway and operations.</summary>
    public static IServiceCollection AddFiles(this IServiceCollection services) => services
        .AddSingleton<LakeLister>()
        .AddSingleton<LakeReader>()
        .AddSingleton<LakeWriter>()
        .AddSingleton<LakeOperationStore>()
        .AddSingleton<FolderWork>()
        .AddSingleton<LakeTransfers>()
        .AddSingleton<LakeAccess>();
}
