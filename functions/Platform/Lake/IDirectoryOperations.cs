using DataPlatform.Failures;

namespace DataPlatform.Lake;

/// <summary>
/// What only an account with a hierarchical namespace does, and only the Data Lake SDK reaches: renames and deletes of whole folders in one step
/// that readers and crashes see whole or not at all, and access control lists. Elsewhere whoever needs them goes object by object.
/// </summary>
public interface IDirectoryOperations
{
    /// <summary>Whether the other members can be used.</summary>
    Task<bool> IsHierarchicalAsync(CancellationToken cancellationToken);

    /// <summary>Moves a folder with all that lies below it.</summary>
    /// <returns>False when there is no such folder.</returns>
    /// <exception cref="TerminalException"><c>InvalidPath</c>: one path lies in the other. <c>PathConflict</c>: there is something at the
    /// destination already.</exception>
    Task<bool> TryRenameFolderAsync(LakePath source, LakePath destination, CancellationToken cancellationToken);

    /// <summary>Moves an object.</summary>
    /// <param name="source">As it is to be; another one is not moved.</param>
    /// <param name="condition">What must hold of the object at the destination.</param>
    /// <returns>False when <paramref name="condition"/> does not hold.</returns>
    /// <exception cref="ObjectNotFoundException">There is no source, or it has another ETag by now.</exception>
    Task<bool> TryRenameObjectAsync(ObjectInfo source, LakePath destination, PutCondition condition, CancellationToken cancellationToken);

    /// <summary>Deletes a folder with all that lies below it.</summary>
    /// <returns>False when there is no such folder.</returns>
    Task<bool> TryDeleteFolderAsync(LakePath path, CancellationToken cancellationToken);

    /// <returns>Null when there is nothing at the path.</returns>
    Task<PathAccess?> GetAccessAsync(LakePath path, CancellationToken cancellationToken);

    /// <summary>Replaces the list of an object or a folder, not of what lies below it.</summary>
    /// <param name="owner">Object id; null keeps it. So with <paramref name="group"/>.</param>
    /// <returns>False when there is nothing at the path.</returns>
    /// <exception cref="TerminalException"><c>InvalidAccessList</c>: the service takes it for wrong.</exception>
    Task<bool> TrySetAccessAsync(LakePath path, AccessList list, string? owner, string? group, CancellationToken cancellationToken);
}
