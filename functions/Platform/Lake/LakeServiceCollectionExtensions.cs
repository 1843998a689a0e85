using DataPlatform.Lake;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

public static class LakeServiceCollectionExtensions
{
    /// <summary>The object store and row store that <see cref="DataPlatform.PlatformOptions.Storage"/> names. A folder holds <c>objects/</c> and
    /// <c>rows.db</c>.</summary>
    public static IServiceCollection AddLake(this IServiceCollection services)
    {
        services.AddOptions<DataPlatform.PlatformOptions>();
        services.AddLogging();
        services.AddSingleton(static provider =>
            StorageAddress.Parse(provider.GetRequiredService<IOptions<DataPlatform.PlatformOptions>>().Value.Storage));
        services.AddSingleton<StorageAccount>();
        services.AddSingleton<IObjectStore>(static provider =>
        {
            var address = provider.GetRequiredService<StorageAddress>();
            var logger = provider.GetRequiredService<ILogger<FolderObjectStore>>();
            if (address.Folder is { } folder)
            {
                Log.UsingFolder(logger, Path.GetFullPath(folder));
                return new FolderObjectStore(Path.Combine(folder, "objects"), logger);
            }

            var account = provider.GetRequiredService<StorageAccount>();
            Log.UsingAccount(logger, account.BlobEndpoint.Host);
            return new BlobObjectStore(account);
        });
        services.AddSingleton<IRowStore>(static provider =>
            provider.GetRequiredService<StorageAddress>().Folder is { } folder
                ? new SqliteRowStore(Path.Combine(folder, "rows.db"))
                : new AzureTableRowStore(provider.GetRequiredService<StorageAccount>()));
        services.AddSingleton<IUploadSpace>(static provider => provider.GetRequiredService<StorageAddress>().Folder is null
            ? new BlobUploadSpace(provider.GetRequiredService<StorageAccount>())
            : new FolderUploadSpace(provider.GetRequiredService<IObjectStore>()));
        services.TryAddSingleton<IDirectoryOperations, FlatDirectories>();
        services.TryAddSingleton(TimeProvider.System);
        services.AddHostedService<StorageWatch>();
        return services;
    }
}
