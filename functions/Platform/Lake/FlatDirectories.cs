using DataPlatform.Failures;

namespace DataPlatform.Lake;

/// <summary>Of stores without a hierarchical namespace: a local folder, Azurite, and accounts reached by the blob endpoint only.</summary>
public sealed class FlatDirectories : IDirectoryOperations
{
    public Task<bool> IsHierarchicalAsync(CancellationToken cancellationToken) => Task.FromResult(false);

    public Task<bool> TryRenameFolderAsync(LakePath source, LakePath destination, CancellationToken cancellationToken) => throw NotOffered();

    public Task<bool> TryRenameObjectAsync(ObjectInfo source, LakePath destination, PutCondition condition, CancellationToken cancellationToken) => throw NotOffered();

    public Task<bool> TryDeleteFolderAsync(LakePath path, CancellationToken cancellationToken) => throw NotOffered();

    public Task<PathAccess?> GetAccessAsync(LakePath path, CancellationToken cancellationToken) => throw NotOffered();

    public Task<bool> TrySetAccessAsync(LakePath path, AccessList list, string? owner, string? group, CancellationToken cancellationToken) => throw NotOffered();

    /// <summary>What a caller is told who asks for more than the store has.</summary>
    public static TerminalException NotOffered() => new(
        FailureKind.NotImplemented,
        "NoHierarchicalNamespace",
        "The platform's storage has no access control lists: they take a storage account with a hierarchical namespace (ADLS Gen2) and the app on the "
        + "Azure host. Scopes of API keys decide who may read and write here.",
        "path");
}
