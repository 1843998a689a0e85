using DataPlatform.Lake;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

public static class LakeServiceCollectionExtensions
{
    /// <summary>The object store and row store that <see cref="DataPlatform.PlatformOptions.Storage"/> names.</summary>
    public static IServiceCollection AddLake(this IServiceCollection services)
    {
        services.AddOptions<DataPlatform.PlatformOptions>();
        services.AddLogging();
        services.AddSingleton(static provider =>
            StorageAddress.Parse(provider.GetRequiredService<IOptions<DataPlatform.PlatformOptions>>().Value.Storage));
        services.AddSingleton<IObjectStore>(static provider =>
        {
            var address = provider.GetRequiredService<StorageAddress>();
            var logger = provider.GetRequiredService<ILogger<FolderObjectStore>>();
            if (address.Folder is not { } folder)
                throw new NotSupportedException();
            Log.UsingFolder(logger, folder);
            return new FolderObjectStore(Path.Combine(folder, "objects"), logger);
        });
        services.AddSingleton<IRowStore>(static provider =>
            provider.GetRequiredService<StorageAddress>().Folder is { } folder
                ? new SqliteRowStore(Path.Combine(folder, "rows.db"))
                : throw new NotSupportedException());
        return services;
    }
}
