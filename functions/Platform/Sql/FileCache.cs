using DataPlatform.Failures;
using DataPlatform.Lake;
using Microsoft.Extensions.Options;

namespace DataPlatform.Sql;

/// <summary>
/// Local copies of table files, which never change once written. The least recently used go when the copies outgrow
/// <see cref="PlatformOptions.FileCacheBytes"/>; leased ones stay even then. Files of a folder store are read in place.
/// </summary>
public sealed class FileCache(IObjectStore store, ScratchFolder scratch, IOptions<PlatformOptions> options) : IDisposable
{
    private const int ParallelDownloads = 4;
    private readonly Lock _gate = new();
    private readonly Dictionary<LakePath, Entry> _entries = [];
    private readonly LinkedList<Entry> _unleased = [];
    private readonly SemaphoreSlim _downloads = new(ParallelDownloads);
    private long _bytes;

    /// <summary>Size of all copies, also of those on their way.</summary>
    public long Bytes
    {
        get
        {
            lock (_gate)
                return _bytes;
        }
    }

    /// <summary>Whether reading a file takes a copy.</summary>
    internal bool IsCopied(LakePath path) => store.TryGetLocalFile(path) is null;

    /// <param name="size">The file's length as the table's log has it; a copy of another length is refused.</param>
    /// <exception cref="ObjectNotFoundException">The file is gone from the store.</exception>
    public async Task<FileLease> LeaseAsync(LakePath path, long size, CancellationToken cancellationToken)
    {
        if (store.TryGetLocalFile(path) is { } local)
            return new FileLease(local, release: null);

        Entry? entry;
        lock (_gate)
        {
            if (!_entries.TryGetValue(path, out entry))
            {
                entry = new Entry(path, size, scratch.NewName("cache", ".parquet"));
                _entries.Add(path, entry);
                _bytes += size;
                entry.Download = Task.Run(() => DownloadAsync(entry), CancellationToken.None);
            }

            if (entry.Leases++ == 0 && entry.Node is { } node)
            {
                _unleased.Remove(node);
                entry.Node = null;
            }
        }

        try
        {
            await entry.Download.WaitAsync(cancellationToken);
        }
        catch
        {
            Release(entry);
            throw;
        }

        Evict();
        return new FileLease(entry.File, () => Release(entry));
    }

    /// <summary>Leases several files, some at a time. When one cannot be had, none is kept.</summary>
    public async Task<IReadOnlyList<FileLease>> LeaseAsync(
        IReadOnlyList<(LakePath Path, long Size)> files, CancellationToken cancellationToken)
    {
        var tasks = files.Select(file => LeaseAsync(file.Path, file.Size, cancellationToken)).ToArray();
        try
        {
            return await Task.WhenAll(tasks);
        }
        catch
        {
            foreach (var task in tasks.Where(task => task.IsCompletedSuccessfully))
                (await task).Dispose();
            throw;
        }
    }

    /// <summary>Forgets the copy of a file that was found damaged or was written anew.</summary>
    public void Drop(LakePath path)
    {
        string? file = null;
        lock (_gate)
        {
            if (_entries.TryGetValue(path, out var entry))
            {
                if (entry.Node is { } node)
                {
                    _unleased.Remove(node);
                    entry.Node = null;
                    file = entry.File;
                }

                Remove(entry);
            }
        }

        if (file is not null)
            File.Delete(file);
    }

    public void Dispose() => _downloads.Dispose();

    private async Task DownloadAsync(Entry entry)
    {
        var cancellationToken = entry.Abandoned.Token;
        var partial = entry.File + ".part";
        try
        {
            await _downloads.WaitAsync(cancellationToken);
            try
            {
                await using var source = await store.OpenReadAsync(entry.Path, range: null, cancellationToken);
                await using var target = new FileStream(partial, new FileStreamOptions
                {
                    Mode = FileMode.CreateNew,
                    Access = FileAccess.Write,
                    Options = FileOptions.Asynchronous,
                    BufferSize = 0,
                    PreallocationSize = entry.Size,
                });
                await source.CopyToAsync(target, 1 << 20, cancellationToken);
                if (target.Length != entry.Size)
                    throw new TransientException(
                        $"'{entry.Path}' should have {entry.Size} bytes; {target.Length} were read.");
            }
            finally
            {
                _downloads.Release();
            }

            File.Move(partial, entry.File);
        }
        catch
        {
            File.Delete(partial);
            Forget(entry);
            throw;
        }
    }

    private void Release(Entry entry)
    {
        lock (_gate)
        {
            if (--entry.Leases > 0)
                return;

            if (!entry.Download.IsCompleted)
            {
                // Nobody waits for it any more; whoever comes next starts anew under another local name.
                Remove(entry);
                entry.Abandoned.Cancel();
            }
            else if (entry.Download.IsCompletedSuccessfully && entry.Present)
            {
                entry.Node = _unleased.AddLast(entry);
            }
        }

        Evict();
    }

    private void Evict()
    {
        List<Entry> victims = [];
        lock (_gate)
        {
            while (_bytes > options.Value.FileCacheBytes && _unleased.First is { } oldest)
            {
                _unleased.RemoveFirst();
                oldest.Value.Node = null;
                Remove(oldest.Value);
                victims.Add(oldest.Value);
            }
        }

        foreach (var victim in victims)
            File.Delete(victim.File);
    }

    private void Forget(Entry entry)
    {
        lock (_gate)
            Remove(entry);
    }

    private void Remove(Entry entry)
    {
        if (!entry.Present)
            return;
        entry.Present = false;
        _entries.Remove(entry.Path);
        _bytes -= entry.Size;
    }

    private sealed class Entry(LakePath path, long size, string file)
    {
        public LakePath Path { get; } = path;

        public long Size { get; } = size;

        public string File { get; } = file;

        public Task Download { get; set; } = Task.CompletedTask;

        public CancellationTokenSource Abandoned { get; } = new();

        public int Leases { get; set; }

        /// <summary>Its place among the files that may go.</summary>
        public LinkedListNode<Entry>? Node { get; set; }

        /// <summary>Whether it is in the index and counts.</summary>
        public bool Present { get; set; } = true;
    }
}
