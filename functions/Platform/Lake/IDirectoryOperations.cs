using DataPlatform.Failures;

namespace DataPlatform.Lake;

/// <summary>
/// Operations on all objects below a path at once. Only an account with a hierarchical namespace does them in one step, and only the Data
/// Lake SDK reaches that; elsewhere objects are copied and deleted one by one. What was done is told in the <see cref="DirectoryChange"/>.
/// </summary>
public interface IDirectoryOperations
{
    /// <summary>Moves everything below <paramref name="source"/> to the same place below <paramref name="destination"/>.</summary>
    /// <returns>Null when nothing lies below <paramref name="source"/>.</returns>
    /// <exception cref="TerminalException"><c>InvalidPath</c>: one path lies in the other. <c>PathConflict</c>: there is something at
    /// the destination already, or somebody wrote to the source meanwhile. <c>DirectoryTooLarge</c>: too many objects to move one by one.
    /// </exception>
    Task<DirectoryChange?> TryRenameAsync(LakePath source, LakePath destination, CancellationToken cancellationToken);

    /// <summary>Deletes everything below a path.</summary>
    /// <returns>Null when nothing lies below it.</returns>
    Task<DirectoryChange?> TryDeleteAsync(LakePath path, CancellationToken cancellationToken);
}
