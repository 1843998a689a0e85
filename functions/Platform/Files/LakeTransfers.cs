using DataPlatform.Failures;
using DataPlatform.Gateway;
using DataPlatform.Lake;
using DataPlatform.Operations;
using Microsoft.AspNetCore.Http;

namespace DataPlatform.Files;

/// <summary>Copies and moves objects at once; copies, moves and deletes folders in one step where the store can, else as operations.</summary>
public sealed class LakeTransfers(IObjectStore objects, IDirectoryOperations directories, OperationStore<LakeOperation> store)
{
    private const int MaxAttempts = 5;

    /// <summary>Answers POST: brings an object or a folder to an address below <c>files/</c>.</summary>
    /// <param name="path">As in the address, decoded; a folder's ends with a slash.</param>
    /// <exception cref="TerminalException">400, 403, 404, 409, 412.</exception>
    public async Task<LakeChange> PostAsync(HttpRequest request, string path, ReadOnlyMemory<byte> document, CancellationToken cancellationToken)
    {
        var transfer = TransferRequest.Read(document);
        if (transfer.IsFolder != path.EndsWith('/'))
        {
            throw new TerminalException(
                FailureKind.Invalid, "InvalidPath", "Source and target are both objects, or both folders, whose addresses end with a slash.", "path");
        }

        var caller = Caller.Of(request.HttpContext);
        Demand(caller, LakeAddress.ReadScope(transfer.Source));
        if (transfer.IsMove)
        {
            _ = transfer.IsFolder ? LakeAddress.LocateFileFolder(transfer.Source) : LakeAddress.LocateFile(transfer.Source);
            Demand(caller, LakeAddress.WriteScope(transfer.Source));
        }

        var condition = Preconditions.Read(request);
        return transfer.IsFolder
            ? await FolderAsync(request, transfer, path, condition, cancellationToken)
            : new LakeChange(await ObjectAsync(transfer, path, condition, cancellationToken), null);
    }

    /// <summary>Whether a DELETE is of a folder: its address ends with a slash, and it says so. One without the other is a mistake, and may have been
    /// meant for something else.</summary>
    /// <exception cref="TerminalException">400.</exception>
    public static bool IsRecursive(HttpRequest request, string path, out QueryOptions query)
    {
        query = new QueryOptions(request, "recursive", "wait");
        var recursive = query.Text("recursive") switch
        {
            null or "false" => false,
            "true" => true,
            _ => throw new TerminalException(FailureKind.Invalid, "InvalidQueryOption", "The query option 'recursive' is true or false.", "recursive"),
        };
        return recursive == path.EndsWith('/')
            ? recursive
            : throw new TerminalException(
                FailureKind.Invalid,
                "InvalidPath",
                recursive
                    ? "The address of a folder ends with a slash; that of an object is deleted without 'recursive'."
                    : "This is the address of a folder: '?recursive=true' deletes all that lies below it.",
                "path");
    }

    /// <summary>Answers DELETE of a folder.</summary>
    /// <param name="path">As in the address, decoded; ends with a slash.</param>
    /// <exception cref="TerminalException">400, 403, 404.</exception>
    public async Task<LakeChange> DeleteFolderAsync(HttpRequest request, string path, CancellationToken cancellationToken)
    {
        var folder = LakeAddress.LocateFileFolder(path);
        if (Preconditions.Read(request) != PutCondition.None)
            throw NoETag();
        var (caller, key, wish) = (Caller.Of(request.HttpContext).Id, IdempotencyKey.Read(request), $"delete {path}");
        if (key is not null && await store.FindAsync(LakeOperation.Partition, caller, key, wish, cancellationToken) is { } known)
            return new LakeChange(null, known);
        if (await directories.IsHierarchicalAsync(cancellationToken))
        {
            return await directories.TryDeleteFolderAsync(folder, cancellationToken)
                ? Done(new FolderAnswer(LakeOperationKind.Delete, null, path, Atomic: true))
                : throw NoFolder(path);
        }

        if (!await AnyAsync(folder, cancellationToken))
            throw NoFolder(path);
        return await BeginAsync(LakeOperationKind.Delete, null, path, caller, key, wish, cancellationToken);
    }

    private static LakeChange Done(FolderAnswer answer) => new(new JsonAnswer(StatusCodes.Status200OK, answer), null);

    private async Task<LakeChange> BeginAsync(
        LakeOperationKind kind, string? source, string target, string caller, string? key, string wish, CancellationToken cancellationToken) =>
        new(null, await store.CreateAsync(
            LakeOperation.Partition, caller, key, wish,
            (id, now) => new LakeOperation(kind, source, target) { Id = id, Caller = caller, Created = now },
            cancellationToken));

    private async Task<LakeChange> FolderAsync(
        HttpRequest request, TransferRequest transfer, string path, PutCondition condition, CancellationToken cancellationToken)
    {
        var (source, target) = (LakeAddress.LocateFolder(transfer.Source), LakeAddress.LocateFileFolder(path));
        DirectoryRules.CheckApart(source, target);
        if (condition.ETag is not null)
            throw NoETag();
        var kind = transfer.IsMove ? LakeOperationKind.Move : LakeOperationKind.Copy;
        var (caller, key, wish) = (Caller.Of(request.HttpContext).Id, IdempotencyKey.Read(request), $"{(transfer.IsMove ? "move" : "copy")} {transfer.Source} to {path}");
        if (key is not null && await store.FindAsync(LakeOperation.Partition, caller, key, wish, cancellationToken) is { } known)
            return new LakeChange(null, known);
        if (transfer.IsMove && await directories.IsHierarchicalAsync(cancellationToken))
        {
            return await directories.TryRenameFolderAsync(source, target, cancellationToken)
                ? Done(new FolderAnswer(kind, transfer.Source, path, Atomic: true))
                : throw NoFolder(transfer.Source);
        }

        if (!await AnyAsync(source, cancellationToken))
            throw NoFolder(transfer.Source);
        if (await objects.GetInfoAsync(target, cancellationToken) is not null || await AnyAsync(target, cancellationToken))
            throw DirectoryRules.Taken(target);
        return await BeginAsync(kind, transfer.Source, path, caller, key, wish, cancellationToken);
    }

    private async Task<IResult> ObjectAsync(TransferRequest transfer, string path, PutCondition condition, CancellationToken cancellationToken)
    {
        var (source, target) = (LakeAddress.Locate(transfer.Source), LakeAddress.LocateFile(path));
        DirectoryRules.CheckApart(source, target);
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            var info = await objects.GetInfoAsync(source, cancellationToken) ?? throw LakeReader.NotFound(transfer.Source);
            var before = await objects.GetInfoAsync(target, cancellationToken);
            try
            {
                var there = transfer.IsMove && await directories.IsHierarchicalAsync(cancellationToken)
                    ? await directories.TryRenameObjectAsync(info, target, condition, cancellationToken)
                        ? await objects.GetInfoAsync(target, cancellationToken) ?? throw new TransientException($"'{path}' was moved away again at once.")
                        : null
                    : await CopyAsync(info, target, condition, transfer, cancellationToken);
                return there is null
                    ? throw LakeWriter.Refused(path, condition)
                    : LakeWriter.Answer(before is null ? StatusCodes.Status201Created : StatusCodes.Status200OK, there, null);
            }
            catch (ObjectNotFoundException)
            {
                // Replaced or deleted since we looked: another look tells.
            }
        }

        throw new TransientException($"'{transfer.Source}' is being replaced again and again.");
    }

    private async Task<ObjectInfo?> CopyAsync(
        ObjectInfo source, LakePath target, PutCondition condition, TransferRequest transfer, CancellationToken cancellationToken)
    {
        var copy = await objects.TryCopyAsync(source.Path, source.ETag, target, condition, cancellationToken);
        if (copy is null || !transfer.IsMove)
            return copy;
        FaultPoint.Pass("after-lake-copy");
        return await objects.TryDeleteAsync(source.Path, source.ETag, cancellationToken)
            ? copy
            : throw new TerminalException(
                FailureKind.Conflict,
                "PathConflict",
                $"'{transfer.Source}' was written or deleted while it was moved: the target holds what it was before. Look at both, and delete the one that is not wanted.",
                "moveFrom");
    }

    private async Task<bool> AnyAsync(LakePath folder, CancellationToken cancellationToken)
    {
        await foreach (var _ in objects.ListAsync(folder, null, cancellationToken))
            return true;
        return false;
    }

    private static void Demand(Caller caller, string scope)
    {
        if (!caller.Has(scope))
            throw new TerminalException(FailureKind.Forbidden, "ScopeMissing", $"Your key lacks the scope '{scope}'.", "scope");
    }

    private static TerminalException NoFolder(string path) =>
        new(FailureKind.NotFound, "FolderNotFound", $"Nothing lies below '{path}'. The address of an object does not end with a slash.", "path");

    private static TerminalException NoETag() => new(
        FailureKind.Invalid, "InvalidPrecondition", "Folders have no ETag: leave out If-Match. The target of a copy or move is always a new folder.", "If-Match");
}
