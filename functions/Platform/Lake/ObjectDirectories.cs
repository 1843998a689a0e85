using DataPlatform.Failures;

namespace DataPlatform.Lake;

/// <summary>Directory operations of any object store: object by object.</summary>
public sealed class ObjectDirectories(IObjectStore objects) : IDirectoryOperations
{
    /// <summary>Above that a rename would run for minutes with the directory at two places.</summary>
    public const int MaxRenamed = 10_000;

    public async Task<DirectoryChange?> TryRenameAsync(LakePath source, LakePath destination, CancellationToken cancellationToken)
    {
        DirectoryRules.CheckRename(source, destination);
        if (await objects.GetInfoAsync(destination, cancellationToken) is not null || await AnyAsync(destination, cancellationToken))
            throw DirectoryRules.Taken(destination);

        var sources = await ListAsync(source, cancellationToken);
        var copies = new List<ObjectInfo>(sources.Count);
        try
        {
            foreach (var info in sources)
                copies.Add(await CopyAsync(info, destination.Append(info.Path.Value[(source.Value.Length + 1)..]), cancellationToken));
        }
        catch
        {
            // So that the rename can be tried again: its destination must be free.
            foreach (var copy in copies)
                await objects.TryDeleteAsync(copy.Path, copy.ETag, CancellationToken.None);
            throw;
        }

        foreach (var info in sources)
        {
            if (!await objects.TryDeleteAsync(info.Path, info.ETag, cancellationToken))
                throw Changed(info.Path);
        }

        return sources.Count == 0 ? null : new DirectoryChange(Atomic: false, sources.Count);
    }

    public async Task<DirectoryChange?> TryDeleteAsync(LakePath path, CancellationToken cancellationToken)
    {
        var deleted = 0L;
        await foreach (var info in objects.ListAsync(path, null, cancellationToken))
        {
            if (await objects.TryDeleteAsync(info.Path, null, cancellationToken))
                deleted++;
        }

        return deleted == 0 ? null : new DirectoryChange(Atomic: false, deleted);
    }

    private static TerminalException Changed(LakePath path) => new(
        FailureKind.Conflict,
        "PathConflict",
        $"'{path}' was written while its directory was renamed: the destination is whole as it was before, and what was written since is still at "
        + "the source. Delete the one that is not wanted.",
        "source");

    private async Task<bool> AnyAsync(LakePath path, CancellationToken cancellationToken)
    {
        await foreach (var _ in objects.ListAsync(path, null, cancellationToken))
            return true;
        return false;
    }

    private async Task<List<ObjectInfo>> ListAsync(LakePath source, CancellationToken cancellationToken)
    {
        var found = new List<ObjectInfo>();
        await foreach (var info in objects.ListAsync(source, null, cancellationToken))
        {
            if (found.Count == MaxRenamed)
            {
                throw new TerminalException(
                    FailureKind.Unprocessable,
                    "DirectoryTooLarge",
                    $"'{source}' holds more than {MaxRenamed} objects: renaming it takes an account with a hierarchical namespace and the app in "
                    + "Azure.",
                    "source");
            }

            found.Add(info);
        }

        return found;
    }

    private async Task<ObjectInfo> CopyAsync(ObjectInfo source, LakePath destination, CancellationToken cancellationToken)
    {
        await using var content = await objects.OpenReadAsync(source.Path, null, cancellationToken);
        await using var copy = await objects.OpenWriteAsync(
            destination, PutCondition.IfAbsent, source.ContentType, source.Metadata, cancellationToken);
        await content.CopyToAsync(copy, cancellationToken);
        return await copy.CompleteAsync(cancellationToken) ?? throw DirectoryRules.Taken(destination);
    }
}
