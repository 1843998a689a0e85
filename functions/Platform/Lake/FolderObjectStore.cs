using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using DataPlatform.Failures;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace DataPlatform.Lake;

/// <summary>
/// Objects as files below a root folder, shared by any number of processes on one machine. A write goes to a temporary file, is synced,
/// and then gets its name by <c>link</c> (put-if-absent) or, under a lock on the path, by <c>rename</c>; then the folder is synced.
/// </summary>
/// <remarks>
/// The ETag is made of time stamp and length. A replacement is always stamped later than what it replaces, so no two versions of an object
/// share one; stamps are the machine's time, whatever clock the platform runs by. Folders that became empty stay: removing them would race with writers.
/// </remarks>
public sealed class FolderObjectStore : IObjectStore
{
    private const int ReadBufferSize = 64 << 10;
    private const int SmallWrite = 128 << 10;
    private const int KnownFoldersLimit = 10_000;

    // A file is renamed, and read by others, before its writer closes it.
    private const FileShare TemporaryShare = FileShare.Read | FileShare.Delete;
    private static readonly TimeSpan TemporaryLifetime = TimeSpan.FromDays(1);

    private readonly string _root;
    private readonly string _temporary;
    private readonly FolderTypes _types;
    private readonly FolderLocks _locks;
    private readonly ILogger<FolderObjectStore> _logger;
    private readonly ConcurrentDictionary<string, bool> _knownFolders = new(StringComparer.Ordinal);

    /// <param name="root">Created when it is missing.</param>
    /// <exception cref="TerminalException"><c>StorageNotUsable</c>: the folder cannot be created or written.</exception>
    public FolderObjectStore(string root, ILogger<FolderObjectStore> logger)
    {
        _root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(root));
        _temporary = Path.Combine(_root, ".tmp");
        var types = Path.Combine(_root, ".types");
        var locks = Path.Combine(_root, ".locks");
        _types = new FolderTypes(types);
        _locks = new FolderLocks(locks);
        _logger = logger;
        try
        {
            Directory.CreateDirectory(_temporary);
            Directory.CreateDirectory(types);
            Directory.CreateDirectory(locks);
            FolderCalls.FlushFolder(_root);
            RemoveStaleTemporaryFiles();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new TerminalException(
                FailureKind.Internal,
                "StorageNotUsable",
                $"The storage folder '{root}' cannot be created or written: give DataPlatform:Storage a folder that this process may write.",
                "DataPlatform:Storage",
                innerException: exception);
        }
    }

    public Task<ObjectInfo?> GetInfoAsync(LakePath path, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(Describe(path, new FileInfo(FileOf(path))));
    }

    public Task<Stream> OpenReadAsync(LakePath path, ByteRange? range, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var file = FileOf(path);
        var offset = ByteRange.Check(range);
        try
        {
            var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, ReadBufferSize);
            stream.Position = Math.Min(offset, stream.Length);
            return Task.FromResult<Stream>(range?.Length is { } length ? new BoundedReadStream(stream, length) : stream);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            // Even when it is there by now: whoever asked for it then is not told of a failure.
            throw new ObjectNotFoundException(path, exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw File.Exists(file) ? Failure(exception, path) : new ObjectNotFoundException(path, exception);
        }
    }

    public async Task<Stream?> TryOpenReadAsync(ObjectInfo described, ByteRange? range, CancellationToken cancellationToken)
    {
        try
        {
            // What is opened stays what it is, whatever takes its name.
            var stream = await OpenReadAsync(described.Path, range, cancellationToken);
            var file = stream as FileStream ?? (FileStream)((BoundedReadStream)stream).Inner;
            if (Stamp(File.GetLastWriteTimeUtc(file.SafeFileHandle), file.Length) == described.ETag)
                return stream;
            await stream.DisposeAsync();
            return null;
        }
        catch (ObjectNotFoundException)
        {
            return null;
        }
    }

    public async Task<ObjectInfo?> TryPutAsync(
        LakePath path, ReadOnlyMemory<byte> content, PutCondition condition, string? contentType, CancellationToken cancellationToken)
    {
        var temporary = NewTemporary();
        try
        {
            using var handle = File.OpenHandle(temporary, FileMode.CreateNew, FileAccess.Write, TemporaryShare);
            await WriteAsync(handle, content, 0, cancellationToken);
            return await PublishAsync(temporary, handle, path, condition, new ObjectTraits(contentType), cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Failure(exception, path);
        }
        finally
        {
            DeleteTemporary(temporary);
        }
    }

    public Task<ObjectWriteStream> OpenWriteAsync(
        LakePath path, PutCondition condition, string? contentType, CancellationToken cancellationToken) =>
        OpenWriteAsync(path, condition, contentType, null, cancellationToken);

    public Task<ObjectWriteStream> OpenWriteAsync(
        LakePath path, PutCondition condition, string? contentType, IReadOnlyDictionary<string, string>? metadata, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var temporary = NewTemporary();
        try
        {
            var file = File.OpenHandle(temporary, FileMode.CreateNew, FileAccess.Write, TemporaryShare);
            return Task.FromResult<ObjectWriteStream>(new FolderWriteStream(
                this, temporary, file, path, condition, new ObjectTraits(contentType, metadata)));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Failure(exception, path);
        }
    }

    public Task<ObjectInfo?> TryCopyAsync(
        LakePath source, string etag, LakePath target, PutCondition condition, CancellationToken cancellationToken) =>
        condition.MustBeAbsent
            ? TryLinkAsync(source, etag, target, cancellationToken)
            : TryCopyOverAsync(source, etag, target, condition, cancellationToken);

    private async Task<ObjectInfo?> TryLinkAsync(LakePath source, string etag, LakePath target, CancellationToken cancellationToken)
    {
        var (from, to) = (FileOf(source), FileOf(target));
        using var held = await _locks.AcquireAsync(source, cancellationToken);
        string? temporary = null;
        try
        {
            if (Stamp(new FileInfo(from)) != etag)
                throw new ObjectNotFoundException(source);
            CreateFolder(Path.GetDirectoryName(to)!, target);
            if (Directory.Exists(to))
                throw PathConflict(target, target.Value);

            // Files never change under their names, so two names may share one. Windows has no call here that links.
            if (OperatingSystem.IsWindows())
                File.Copy(from, temporary = NewTemporary());
            return Create(temporary ?? from, to, target, _types.Read(source, etag));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Failure(exception, target);
        }
        finally
        {
            if (temporary is not null)
                DeleteTemporary(temporary);
        }
    }

    /// <summary>What replaces an object is stamped anew, which a file with two names cannot be.</summary>
    private async Task<ObjectInfo?> TryCopyOverAsync(
        LakePath source, string etag, LakePath target, PutCondition condition, CancellationToken cancellationToken)
    {
        if (await GetInfoAsync(source, cancellationToken) is not { } info
            || info.ETag != etag
            || await TryOpenReadAsync(info, null, cancellationToken) is not { } content)
        {
            throw new ObjectNotFoundException(source);
        }

        await using (content)
        {
            await using var copy = await OpenWriteAsync(target, condition, info.ContentType, info.Metadata, cancellationToken);
            await content.CopyToAsync(copy, cancellationToken);
            return await copy.CompleteAsync(cancellationToken);
        }
    }

    public async Task<bool> TryDeleteAsync(LakePath path, string? etag, CancellationToken cancellationToken)
    {
        var file = FileOf(path);
        if (!File.Exists(file))
            return false;

        using var held = await _locks.AcquireAsync(path, cancellationToken);
        try
        {
            var current = Stamp(new FileInfo(file));
            if (current is null || (etag is not null && etag != current))
                return false;
            File.Delete(file);
            FolderCalls.FlushFolder(Path.GetDirectoryName(file)!);
            _types.Delete(path, current);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Failure(exception, path);
        }
    }

    public async IAsyncEnumerable<ObjectInfo> ListAsync(
        LakePath prefix, LakePath? after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        foreach (var (path, file) in FolderListing.Walk(prefix.Value, FileOf(prefix), after?.Value))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (LakePath.TryParse(path, out var parsed) && Describe(parsed, file) is { } info)
                yield return info;
        }
    }

    public string? TryGetLocalFile(LakePath path) => FileOf(path);

    /// <summary>Gives the temporary file its name if the condition holds. The file stays the caller's to delete.</summary>
    internal async Task<ObjectInfo?> PublishAsync(
        string temporary, SafeFileHandle handle, LakePath path, PutCondition condition, ObjectTraits traits, CancellationToken cancellationToken)
    {
        var target = FileOf(path);
        if (condition.MustBeAbsent && File.Exists(target))
            return null;

        CreateFolder(Path.GetDirectoryName(target)!, path);
        File.SetLastWriteTimeUtc(handle, TimeProvider.System.GetUtcNow().UtcDateTime);
        RandomAccess.FlushToDisk(handle);
        if (Directory.Exists(target))
            throw PathConflict(path, path.Value);

        cancellationToken.ThrowIfCancellationRequested();
        return condition.MustBeAbsent
            ? Create(temporary, target, path, traits)
            : await ReplaceAsync(temporary, handle, target, path, condition, traits, cancellationToken);
    }

    internal void DeleteTemporary(string temporary)
    {
        try
        {
            File.Delete(temporary);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Log.TemporaryFileStays(_logger, exception);
        }
    }

    /// <summary>Handing a small write to another thread takes longer than the write, which only fills the system's cache.</summary>
    internal static ValueTask WriteAsync(SafeFileHandle file, ReadOnlyMemory<byte> content, long offset, CancellationToken cancellationToken)
    {
        if (content.Length > SmallWrite)
            return RandomAccess.WriteAsync(file, content, offset, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        RandomAccess.Write(file, content.Span, offset);
        return ValueTask.CompletedTask;
    }

    internal static Exception Failure(Exception exception, LakePath path) => exception switch
    {
        UnauthorizedAccessException => new TerminalException(
            FailureKind.Internal,
            "StorageNotUsable",
            $"The storage folder denies access to '{path}': give this process the right to read and write it.",
            innerException: exception),
        _ when IsDiskFull(exception) => new TransientException($"The storage folder has no space left for '{path}': free some.", exception)
        {
            RetryAfter = TimeSpan.FromSeconds(30),
        },
        _ => new TransientException($"The storage folder failed on '{path}'.", exception),
    };

    private static bool IsDiskFull(Exception exception) =>
        (exception.HResult & 0xFFFF) == (OperatingSystem.IsWindows() ? 0x70 : 28);

    private static string? Stamp(FileInfo file) => file.Exists ? Stamp(file.LastWriteTimeUtc, file.Length) : null;

    private static string Stamp(DateTime written, long length) => $"{written.Ticks:x}-{length:x}";

    private static TerminalException PathConflict(LakePath path, string taken)
    {
        var kind = taken == path.Value ? "a folder" : "an object";
        return new(FailureKind.Conflict, "PathConflict", $"'{path}' cannot be written: '{taken}' is {kind} already.", "path");
    }

    private ObjectInfo? Create(string temporary, string target, LakePath path, ObjectTraits traits)
    {
        var file = new FileInfo(temporary);
        var etag = Stamp(file)!;
        _types.Write(path, etag, traits);
        if (!FolderCalls.TryPublish(temporary, target))
        {
            // Copied twice, what is there has the same stamp, and its type is this one.
            if (Stamp(new FileInfo(target)) != etag)
                _types.Delete(path, etag);
            return null;
        }

        FolderCalls.FlushFolder(Path.GetDirectoryName(target)!);
        return Info(path, file, etag, traits);
    }

    private async Task<ObjectInfo?> ReplaceAsync(
        string temporary,
        SafeFileHandle handle,
        string target,
        LakePath path,
        PutCondition condition,
        ObjectTraits traits,
        CancellationToken cancellationToken)
    {
        using var held = await _locks.AcquireAsync(path, cancellationToken);
        var old = new FileInfo(target);
        var oldTag = Stamp(old);
        if (condition.ETag is not null && condition.ETag != oldTag)
            return null;

        var file = new FileInfo(temporary);
        if (old.Exists && file.LastWriteTimeUtc <= old.LastWriteTimeUtc)
        {
            File.SetLastWriteTimeUtc(handle, old.LastWriteTimeUtc.AddTicks(1));
            RandomAccess.FlushToDisk(handle);
            file.Refresh();
        }

        var etag = Stamp(file)!;
        _types.Write(path, etag, traits);
        File.Move(temporary, target, overwrite: true);
        FolderCalls.FlushFolder(Path.GetDirectoryName(target)!);
        if (oldTag is not null)
            _types.Delete(path, oldTag);
        return Info(path, file, etag, traits);
    }

    private ObjectInfo? Describe(LakePath path, FileInfo file) =>
        Stamp(file) is { } etag ? Info(path, file, etag, _types.Read(path, etag)) : null;

    private static ObjectInfo Info(LakePath path, FileInfo file, string etag, ObjectTraits traits) =>
        new(path, file.Length, etag, new DateTimeOffset(file.LastWriteTimeUtc), traits.ContentType ?? ContentTypes.ForName(path.FileName))
        {
            Metadata = traits.Metadata,
        };

    private string FileOf(LakePath path) => Path.Combine(_root, path.Value);

    private string NewTemporary() => Path.Combine(_temporary, Guid.NewGuid().ToString("n"));

    // A folder is durable once its parent is synced. Another process may have made it and died before that, so the first use here syncs too.
    private void CreateFolder(string folder, LakePath path)
    {
        if (folder.Length <= _root.Length || (_knownFolders.ContainsKey(folder) && Directory.Exists(folder)))
            return;

        var parent = Path.GetDirectoryName(folder)!;
        CreateFolder(parent, path);
        if (File.Exists(folder))
            throw PathConflict(path, folder[(_root.Length + 1)..].Replace('\\', '/'));
        Directory.CreateDirectory(folder);
        FolderCalls.FlushFolder(parent);
        if (_knownFolders.Count >= KnownFoldersLimit)
            _knownFolders.Clear();
        _knownFolders[folder] = true;
    }

    private void RemoveStaleTemporaryFiles()
    {
        var oldest = TimeProvider.System.GetUtcNow().UtcDateTime - TemporaryLifetime;
        var removed = 0;
        foreach (var file in new DirectoryInfo(_temporary).EnumerateFiles())
        {
            if (file.LastWriteTimeUtc >= oldest)
                continue;
            file.Delete();
            removed++;
        }

        if (removed > 0)
            Log.RemovedTemporaryFiles(_logger, removed);
    }
}
