using System.Globalization;

namespace DataPlatform.Local.Runtime.Durable;

/// <summary>
/// A process that works on the store. It holds a lock on a file of its own, which the operating system gives back when the
/// process dies, however it dies: so others know for sure and take its work over at once, and a process that is only stopped
/// or in a debugger keeps its own. On a file system without locks a lease in the store, renewed while it lives, stands for the lock.
/// </summary>
internal sealed class Owner : IDisposable
{
    private readonly DurableStore _store;
    private readonly DurableOptions _options;
    private readonly TimeProvider _time;
    private readonly bool _locksWork;
    private FileStream _lock;
    private DateTimeOffset _leaseUntil;
    private volatile string[] _live;

    private Owner(DurableStore store, DurableOptions options, TimeProvider time, string id, FileStream held, bool locksWork)
    {
        _store = store;
        _options = options;
        _time = time;
        _lock = held;
        _locksWork = locksWork;
        _live = [id];
        Id = id;
    }

    public string Id { get; }

    /// <summary>How many processes work on the store, as far as this one knows.</summary>
    public int Processes => _live.Length;

    private DateTimeOffset? NewLease => _locksWork ? null : _time.GetUtcNow() + _options.ActivityLease;

    public static async Task<Owner> Register(DurableStore store, DurableOptions options, TimeProvider time)
    {
        string id = Guid.NewGuid().ToString("N");
        string path = LockPath(store, id);
        FileStream held = TakeLock(path);
        Owner owner = new(store, options, time, id, held, options.UseFileLocks && !CanLock(path));
        try
        {
            await owner.Enlist();
            return owner;
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>Who is to own a new instance: this process while it has little to do, else any of those that live.</summary>
    public string Choose(bool busy)
    {
        string[] live = _live;
        return busy && live.Length > 1 ? live[Random.Shared.Next(live.Length)] : Id;
    }

    /// <summary>Looks who lives, takes over from the dead and claims a share of what nobody owns.</summary>
    /// <returns>How many instances and activities dead processes left.</returns>
    public async Task<(int Instances, int Activities)> Look()
    {
        DateTimeOffset now = _time.GetUtcNow();
        KeepLock();
        (List<(string Id, DateTimeOffset? LeaseUntil)> owners, bool orphaned) =
            _store.Read(session => (OwnerTable.List(session), OwnerTable.AnyOrphaned(session)));
        if (!owners.Exists(owner => owner.Id == Id) || (!_locksWork && now >= _leaseUntil - _options.ActivityLease * 2 / 3)) await Enlist();
        string[] dead = [.. owners.Where(owner => owner.Id != Id && IsDead(owner.Id, owner.LeaseUntil, now)).Select(owner => owner.Id)];
        string[] live = [Id, .. owners.Select(owner => owner.Id).Where(id => id != Id && !dead.Contains(id))];
        _live = live;
        int instances = 0, activities = 0;
        foreach (string other in dead)
        {
            if (await _store.Write(session => OwnerTable.Remove(session, other, live, now, died: true)) is { } left)
                (instances, activities) = (instances + left.Instances, activities + left.Activities);
            Delete(LockPath(_store, other));
        }

        if (orphaned) await ClaimShare();
        return (instances, activities);
    }

    public Task ClaimShare() => _store.Write(session => OwnerTable.ClaimShare(session, Id, Processes));

    /// <summary>Leaves in good order.</summary>
    public Task Leave() => _store.Write(session => OwnerTable.Remove(session, Id, [.. _live.Where(id => id != Id)], _time.GetUtcNow(), died: false));

    public void Dispose()
    {
        _lock.Dispose();
        Delete(LockPath(_store, Id));
    }

    /// <summary>Makes the file anew if somebody has deleted it: without it the others would take this process for dead again and again.</summary>
    private void KeepLock()
    {
        string path = LockPath(_store, Id);
        if (File.Exists(path)) return;
        FileStream anew = TakeLock(path);
        _lock.Dispose();
        _lock = anew;
    }

    /// <summary>Signs on, again if others took it for dead: its instances are theirs then, and its turns commit nothing.</summary>
    private async Task Enlist()
    {
        DateTimeOffset? lease = NewLease;
        await _store.Write(session =>
        {
            OwnerTable.Sweep(session);
            OwnerTable.Insert(session, Id, _time.GetUtcNow(), lease);
            if (lease is { } until) OwnerTable.Renew(session, Id, until);
        });
        _leaseUntil = lease ?? DateTimeOffset.MaxValue;
    }

    private bool IsDead(string id, DateTimeOffset? leaseUntil, DateTimeOffset now) =>
        leaseUntil is { } until ? until < now : CanLock(LockPath(_store, id));

    private static string LockPath(DurableStore store, string id) => Path.Combine(store.OwnersFolder, id + ".lock");

    private static FileStream TakeLock(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        try
        {
            FileStream held = new(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
            held.Write(System.Text.Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)));
            held.Flush();
            return held;
        }
        catch
        {
            // A file without the lock would say that it is dead.
            Delete(path);
            throw;
        }
    }

    private static void Delete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (DirectoryNotFoundException)
        {
            // Somebody has deleted the whole folder.
        }
    }

    private static bool CanLock(string path)
    {
        try
        {
            using FileStream stream = new(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return true;
        }
        catch (FileNotFoundException)
        {
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
