using Azure;
using Azure.Identity;
using Azure.Storage.Files.DataLake;
using Azure.Storage.Files.DataLake.Models;
using DataPlatform.Failures;
using DataPlatform.Lake;

namespace DataPlatform.App.Azure;

/// <summary>Directory operations through the Data Lake endpoint, one step each, where the account has a hierarchical namespace.</summary>
internal sealed class DataLakeDirectories(StorageAddress address, StorageAccount account) : IDirectoryOperations
{
    private static readonly LakePath Probe = LakePath.Parse("lake/files");

    private readonly DataLakeServiceClient _service = Connect(address);
    private volatile object? _isHierarchical;

    /// <summary>Only an account with a hierarchical namespace has access control lists; any role that may write data may read them.</summary>
    public Task<bool> IsHierarchicalAsync(CancellationToken cancellationToken) => ExplainAsync(
        async () =>
        {
            if (_isHierarchical is bool known)
                return known;

            try
            {
                await DirectoryOf(Probe).GetAccessControlAsync(cancellationToken: cancellationToken);
                _isHierarchical = true;
                return true;
            }
            catch (RequestFailedException exception) when (exception.ErrorCode == "HierarchicalNamespaceNotEnabled")
            {
                _isHierarchical = false;
                return false;
            }
            catch (RequestFailedException exception) when (exception.Status is 400 or 404)
            {
                // Nothing was written there yet; or it is Azurite, which has no such endpoint.
                return false;
            }
        },
        cancellationToken);

    public async Task<bool> TryRenameFolderAsync(LakePath source, LakePath destination, CancellationToken cancellationToken)
    {
        DirectoryRules.CheckApart(source, destination);
        return await ExplainAsync(
            async () =>
            {
                if (await FindAsync(source, cancellationToken) is not { IsDirectory: true } found)
                    return false;
                try
                {
                    await CreateParentAsync(destination, cancellationToken);
                    await RenameAsync(DirectoryOf(source), destination, found, PutCondition.IfAbsent, cancellationToken);
                    return true;
                }
                catch (RequestFailedException exception) when (exception.Status == 412 || exception.ErrorCode == "PathAlreadyExists")
                {
                    throw DirectoryRules.Taken(destination, exception);
                }
            },
            cancellationToken);
    }

    public Task<bool> TryRenameObjectAsync(ObjectInfo source, LakePath destination, PutCondition condition, CancellationToken cancellationToken) => ExplainAsync(
        async () =>
        {
            if (await FindAsync(source.Path, cancellationToken) is not { IsDirectory: false } found || Text(found.ETag) != source.ETag)
                throw new ObjectNotFoundException(source.Path);
            if (await FindAsync(destination, cancellationToken) is { IsDirectory: true })
                throw DirectoryRules.Taken(destination);
            try
            {
                await CreateParentAsync(destination, cancellationToken);
                await RenameAsync(FileOf(source.Path), destination, found, condition, cancellationToken);
                return true;
            }
            catch (RequestFailedException exception) when (exception.Status == 404 || exception.ErrorCode == "SourceConditionNotMet")
            {
                throw new ObjectNotFoundException(source.Path, exception);
            }
            catch (RequestFailedException exception) when (exception.Status == 412 || exception.ErrorCode == "PathAlreadyExists")
            {
                return false;
            }
        },
        cancellationToken);

    public Task<bool> TryDeleteFolderAsync(LakePath path, CancellationToken cancellationToken) => ExplainAsync(
        async () =>
        {
            if (await FindAsync(path, cancellationToken) is not { IsDirectory: true })
                return false;

            // When the SDK repeats a request whose answer was lost, there is nothing left to delete.
            await DirectoryOf(path).DeleteIfExistsAsync(cancellationToken: cancellationToken);
            return true;
        },
        cancellationToken);

    public Task<PathAccess?> GetAccessAsync(LakePath path, CancellationToken cancellationToken) => ExplainAsync(
        async () =>
        {
            try
            {
                var access = (await FileOf(path).GetAccessControlAsync(cancellationToken: cancellationToken)).Value;
                return new PathAccess(access.Owner, access.Group, PathAccessControlExtensions.ToAccessControlListString([.. access.AccessControlList]));
            }
            catch (RequestFailedException exception) when (exception.Status == 404)
            {
                return null;
            }
        },
        cancellationToken);

    public Task<bool> TrySetAccessAsync(LakePath path, AccessList list, string? owner, string? group, CancellationToken cancellationToken) => ExplainAsync(
        async () =>
        {
            try
            {
                var entries = PathAccessControlExtensions.ParseAccessControlList(list.Text);
                await FileOf(path).SetAccessControlListAsync(entries, owner, group, cancellationToken: cancellationToken);
                return true;
            }
            catch (RequestFailedException exception) when (exception.Status == 404)
            {
                return false;
            }
            catch (RequestFailedException exception) when (exception.Status is 400 or 409)
            {
                throw new TerminalException(
                    FailureKind.Invalid,
                    "InvalidAccessList",
                    $"The storage does not take this access control list ({exception.ErrorCode}): entries that begin with 'default:' are for folders, and users and groups are named by their object ids.",
                    "acl",
                    innerException: exception);
            }
        },
        cancellationToken);

    private static DataLakeServiceClient Connect(StorageAddress address)
    {
        var options = StorageAccount.Configure(new DataLakeClientOptions(DataLakeClientOptions.ServiceVersion.V2025_11_05));
        return address.AccountName is { } name
            ? new DataLakeServiceClient(new Uri($"https://{name}.dfs.core.windows.net"), new DefaultAzureCredential(), options)
            : new DataLakeServiceClient(address.ConnectionString, options);
    }

    private static string Text(ETag etag) => etag.ToString().Trim('"');

    private async Task<T> ExplainAsync<T>(Func<Task<T>> work, CancellationToken cancellationToken)
    {
        try
        {
            return await work();
        }
        catch (Exception exception) when (exception is not ObjectNotFoundException && account.BlobEndpoint.Explain(exception, cancellationToken) is { } failure)
        {
            throw failure;
        }
    }

    private DataLakeDirectoryClient DirectoryOf(LakePath path) =>
        _service.GetFileSystemClient(path.Container).GetDirectoryClient(path.Name);

    private DataLakeFileClient FileOf(LakePath path) =>
        _service.GetFileSystemClient(path.Container).GetFileClient(path.Name);

    private async Task<PathProperties?> FindAsync(LakePath path, CancellationToken cancellationToken)
    {
        try
        {
            return (await FileOf(path).GetPropertiesAsync(cancellationToken: cancellationToken)).Value;
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

    private async Task RenameAsync(
        DataLakePathClient source, LakePath destination, PathProperties found, PutCondition condition, CancellationToken cancellationToken)
    {
        var there = condition switch
        {
            { MustBeAbsent: true } => new DataLakeRequestConditions { IfNoneMatch = ETag.All },
            { ETag: { } etag } => new DataLakeRequestConditions { IfMatch = new ETag(etag) },
            _ => null,
        };
        var here = new DataLakeRequestConditions { IfMatch = found.ETag };
        try
        {
            await (source switch
            {
                DataLakeDirectoryClient directory =>
                    (Task)directory.RenameAsync(destination.Name, destination.Container, null, there, cancellationToken),
                _ => ((DataLakeFileClient)source).RenameAsync(destination.Name, destination.Container, here, there, cancellationToken),
            });
        }
        catch (RequestFailedException exception) when (exception.Status is 404 or 409 or 412)
        {
            // When the SDK repeats a rename whose answer was lost, the service finds it done. What is renamed keeps its ETag.
            if ((await FindAsync(destination, cancellationToken))?.ETag != found.ETag)
                throw;
        }
    }
}
