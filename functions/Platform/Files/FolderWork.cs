using DataPlatform.Failures;
using DataPlatform.Lake;
using DataPlatform.Operations;

namespace DataPlatform.Files;

/// <summary>
/// Copies, moves and deletes folders object by object, in rounds each of which may be run twice. A move first copies everything, then deletes at
/// the source what is still as it was copied: the source is whole until the target is.
/// </summary>
public sealed class FolderWork(IObjectStore objects, OperationStore<LakeOperation> store, TimeProvider clock)
{
    private const int MaxAttempts = 5;
    private const int Parallelism = 8;

    /// <summary>Objects between two notes of how far it is.</summary>
    internal int BatchObjects { get; init; } = 100;

    /// <summary>After that the round ends; hosts end activities that take long.</summary>
    internal TimeSpan RoundTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The activity for a round of work.</summary>
    /// <returns>Whether another round is needed.</returns>
    /// <exception cref="TerminalException"><c>PathConflict</c>: somebody wrote to the target, or to the source of a move, meanwhile.
    /// <c>InvalidPath</c>: a path at the target is too long. <c>OperationCanceled</c>.</exception>
    public async Task<bool> WorkAsync(string id, CancellationToken cancellationToken)
    {
        var operation = await store.BeginAsync(id, cancellationToken);
        var began = clock.GetTimestamp();
        while (!operation.HasEnded)
        {
            var done = await StepAsync(operation, cancellationToken);
            FaultPoint.Pass("after-lake-work");
            if (done is null)
                return false;
            operation = await store.UpdateAsync(id, current => current.HasEnded ? current : done with { CancelRequested = current.CancelRequested }, cancellationToken);
            OperationStore<LakeOperation>.EnsureWanted(operation);
            if (clock.GetElapsedTime(began) > RoundTime)
                return true;
        }

        return false;
    }

    /// <summary>Sees to the next objects.</summary>
    /// <returns>How it stands then; null when all is done.</returns>
    private async Task<LakeOperation?> StepAsync(LakeOperation operation, CancellationToken cancellationToken)
    {
        var target = LakeAddress.Locate(operation.Target[..^1]);
        var source = operation.Source is { } from ? LakeAddress.Locate(from[..^1]) : target;
        var batch = await NextAsync(source, operation.After, cancellationToken);
        if (batch.Count == 0)
        {
            // A move goes on from the beginning: now it deletes.
            return operation is { Operation: LakeOperationKind.Move, IsCopied: false } ? operation with { IsCopied = true, After = null } : null;
        }

        var copies = operation.Operation == LakeOperationKind.Copy || operation is { Operation: LakeOperationKind.Move, IsCopied: false };
        long seen = 0, bytes = 0;
        await Parallel.ForEachAsync(
            batch,
            new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancellationToken },
            async (info, cancel) =>
            {
                var place = target.Append(info.Path.Value[(source.Value.Length + 1)..]);
                if (copies && await CopyAsync(info, place, cancel) is { } copy)
                {
                    Interlocked.Increment(ref seen);
                    Interlocked.Add(ref bytes, copy.Length);
                }
                else if (!copies && (operation.Operation == LakeOperationKind.Delete ? await objects.TryDeleteAsync(info.Path, null, cancel) : await DropAsync(info, place, cancel)))
                {
                    Interlocked.Increment(ref seen);
                }
            });
        var after = LakeAddress.Of(batch[^1].Path);
        return copies
            ? operation with { Copied = operation.Copied + seen, CopiedBytes = operation.CopiedBytes + bytes, After = after }
            : operation with { Deleted = operation.Deleted + seen, After = after };
    }

    private async Task<List<ObjectInfo>> NextAsync(LakePath source, string? after, CancellationToken cancellationToken)
    {
        var batch = new List<ObjectInfo>(BatchObjects);
        await foreach (var info in objects.ListAsync(source, after is null ? null : LakeAddress.Locate(after), cancellationToken))
        {
            batch.Add(info);
            if (batch.Count == BatchObjects)
                break;
        }

        return batch;
    }

    /// <returns>Null when the object is gone by now.</returns>
    private async Task<ObjectInfo?> CopyAsync(ObjectInfo listed, LakePath place, CancellationToken cancellationToken)
    {
        var source = listed;
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            try
            {
                if (await objects.TryCopyAsync(source.Path, source.ETag, place, PutCondition.IfAbsent, cancellationToken) is { } copy)
                    return copy;

                // Maybe by an earlier try of this round, whose end nobody heard of.
                return await objects.GetInfoAsync(place, cancellationToken) is { } there && await IsSameAsync(source, there, cancellationToken)
                    ? there
                    : throw DirectoryRules.Taken(place);
            }
            catch (ObjectNotFoundException)
            {
                if (await objects.GetInfoAsync(source.Path, cancellationToken) is not { } current)
                    return null;
                source = current;
            }
        }

        throw new TransientException($"'{LakeAddress.Of(source.Path)}' is being replaced again and again.");
    }

    /// <summary>Deletes at the source what is at the target.</summary>
    /// <exception cref="TerminalException"><c>PathConflict</c>: it was written since it was copied.</exception>
    private async Task<bool> DropAsync(ObjectInfo source, LakePath place, CancellationToken cancellationToken)
    {
        if (await objects.GetInfoAsync(place, cancellationToken) is not { } copy || !await IsUnchangedAsync(source, copy, cancellationToken))
            throw Changed(source.Path);
        if (await objects.TryDeleteAsync(source.Path, source.ETag, cancellationToken))
            return true;
        return await objects.GetInfoAsync(source.Path, cancellationToken) is null ? false : throw Changed(source.Path);
    }

    /// <summary>Whether nobody wrote the source since it was copied. Accounts tell times by the second: within one, the bytes decide.</summary>
    private async Task<bool> IsUnchangedAsync(ObjectInfo source, ObjectInfo copy, CancellationToken cancellationToken) =>
        source.LastModified < copy.LastModified
        || (source.ETag == copy.ETag && source.LastModified == copy.LastModified && source.Length == copy.Length)
        || await IsSameAsync(source, copy, cancellationToken);

    private async Task<bool> IsSameAsync(ObjectInfo one, ObjectInfo other, CancellationToken cancellationToken)
    {
        if (one.Length != other.Length
            || one.ContentType != other.ContentType
            || !(one.Metadata ?? new Dictionary<string, string>()).OrderBy(pair => pair.Key, StringComparer.Ordinal)
                .SequenceEqual((other.Metadata ?? new Dictionary<string, string>()).OrderBy(pair => pair.Key, StringComparer.Ordinal)))
        {
            return false;
        }

        await using var first = await objects.TryOpenReadAsync(one, null, cancellationToken);
        await using var second = await objects.TryOpenReadAsync(other, null, cancellationToken);
        return first is not null && second is not null && await SameBytes.AreAsync(first, second, cancellationToken);
    }

    private static TerminalException Changed(LakePath path) => new(
        FailureKind.Conflict,
        "PathConflict",
        $"'{LakeAddress.Of(path)}' was written while its folder was moved: the target holds everything as it was copied, and what was not deleted yet is still "
        + "at the source. Copy what is newer, then delete the source.",
        "moveFrom");
}
