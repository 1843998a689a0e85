using Azure;
using Azure.Identity;
using Azure.Storage.Files.DataLake;
using Azure.Storage.Files.DataLake.Models;
using DataPlatform.Lake;

namespace DataPlatform.App.Azure;

/// <summary>Directory operations through the Data Lake endpoint, one step each. Where the account has no hierarchical namespace (or is
/// Azurite), object by object.</summary>
internal sealed class DataLakeDirectories(StorageAddress address, StorageAccount account, ObjectDirectories objects) : IDirectoryOperations
{
    private readonly DataLakeServiceClient _service = Connect(address);
    private volatile bool _isFlat;

    public async Task<DirectoryChange?> TryRenameAsync(LakePath source, LakePath destination, CancellationToken cancellationToken)
    {
        DirectoryRules.CheckRename(source, destination);
        try
        {
            if (!await IsHierarchicalAsync(source, cancellationToken))
                return await objects.TryRenameAsync(source, destination, cancellationToken);
            if (await FindAsync(source, cancellationToken) is not { } found)
                return null;

            await CreateParentAsync(destination, cancellationToken);
            await RenameAsync(source, destination, found, cancellationToken);
            return new DirectoryChange(Atomic: true, Objects: null);
        }
        catch (RequestFailedException exception) when (exception.Status == 412 || exception.ErrorCode == "PathAlreadyExists")
        {
            throw DirectoryRules.Taken(destination, exception);
        }
        catch (Exception exception) when (account.BlobEndpoint.Explain(exception, cancellationToken) is { } failure)
        {
            throw failure;
        }
    }

    public async Task<DirectoryChange?> TryDeleteAsync(LakePath path, CancellationToken cancellationToken)
    {
        try
        {
            if (!await IsHierarchicalAsync(path, cancellationToken))
                return await objects.TryDeleteAsync(path, cancellationToken);
            if (await FindAsync(path, cancellationToken) is null)
                return null;

            // When the SDK repeats a request whose answer was lost, there is nothing left to delete.
            await DirectoryOf(path).DeleteIfExistsAsync(cancellationToken: cancellationToken);
            return new DirectoryChange(Atomic: true, Objects: null);
        }
        catch (Exception exception) when (account.BlobEndpoint.Explain(exception, cancellationToken) is { } failure)
        {
            throw failure;
        }
    }

    private static DataLakeServiceClient Connect(StorageAddress address)
    {
        var options = StorageAccount.Configure(new DataLakeClientOptions(DataLakeClientOptions.ServiceVersion.V2025_11_05));
        return address.AccountName is { } name
            ? new DataLakeServiceClient(new Uri($"https://{name}.dfs.core.windows.net"), new DefaultAzureCredential(), options)
            : new DataLakeServiceClient(address.ConnectionString, options);
    }

    private DataLakeDirectoryClient DirectoryOf(LakePath path) =>
        _service.GetFileSystemClient(path.Container).GetDirectoryClient(path.Name);

    /// <summary>Only an account with a hierarchical namespace has access control lists; any role that may write data may read them.</summary>
    private async Task<bool> IsHierarchicalAsync(LakePath path, CancellationToken cancellationToken)
    {
        if (_isFlat)
            return false;

        try
        {
            await DirectoryOf(path).GetAccessControlAsync(cancellationToken: cancellationToken);
            return true;
        }
        catch (RequestFailedException exception) when (exception.ErrorCode == "HierarchicalNamespaceNotEnabled")
        {
            _isFlat = true;
            return false;
        }
        catch (RequestFailedException exception) when (exception.Status == 404)
        {
            // There is no such directory; on Azurite there never is one. The listing of the objects tells.
            return false;
        }
    }

    /// <returns>Null when there is no directory at the path; a file is none.</returns>
    private async Task<PathProperties?> FindAsync(LakePath path, CancellationToken cancellationToken)
    {
        try
        {
            var properties = (await DirectoryOf(path).GetPropertiesAsync(cancellationToken: cancellationToken)).Value;
            return properties.IsDirectory ? properties : null;
        }
        catch (RequestFailedException exception) when (exception.Status == 404)
        {
            return null;
        }
    }

    private async Task CreateParentAsync(LakePath path, CancellationToken cancellationToken)
    {
        var container = _service.GetFileSystemClient(path.Container);
        await container.CreateIfNotExistsAsync(cancellationToken: cancellationToken);
        if (path.Name.LastIndexOf('/') is > 0 and var end)
            await container.GetDirectoryClient(path.Name[..end]).CreateIfNotExistsAsync(cancellationToken: cancellationToken);
    }

    private async Task RenameAsync(LakePath source, LakePath destination, PathProperties found, CancellationToken cancellationToken)
    {
        try
        {
            var free = new DataLakeRequestConditions { IfNoneMatch = ETag.All };
            await DirectoryOf(source).RenameAsync(
                destination.Name, destination.Container, destinationConditions: free, cancellationToken: cancellationToken);
        }
        catch (RequestFailedException exception) when (exception.Status is 404 or 409 or 412)
        {
            // When the SDK repeats a rename whose answer was lost, the service finds it done. A directory keeps its ETag on the way.
            if ((await FindAsync(destination, cancellationToken))?.ETag != found.ETag)
                throw;
        }
    }
}
