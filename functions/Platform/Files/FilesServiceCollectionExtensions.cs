using DataPlatform.Files;
using DataPlatform.Lake;
using DataPlatform.Operations;

namespace Microsoft.Extensions.DependencyInjection;

public static class FilesServiceCollectionExtensions
{
    /// <summary>The lake over HTTP. Needs the lake, the gateway and operations.</summary>
    public static IServiceCollection AddFiles(this IServiceCollection services) => services
        .AddSingleton<LakeLister>()
        .AddSingleton<LakeReader>()
        .AddSingleton<LakeWriter>()
        .AddSingleton(static provider => new OperationStore<LakeOperation>(
            provider.GetRequiredService<IRowStore>(), LakeOperation.RowTable, provider.GetRequiredService<TimeProvider>()))
        .AddSingleton<FolderWork>()
        .AddSingleton<LakeTransfers>()
        .AddSingleton<LakeAccess>();
}
