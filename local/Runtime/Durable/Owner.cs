using System.Globalization;

namespace DataPlatform.Local.Runtime.Durable;

/// <summary>
/// A process that works on the store. It holds a lock on a file of its own, which the operating system gives back when the
/// process dies, however it dies: so others know for sure and take its activities over at once.
/// </summary>
internal sealed class Owner : IDisposable
{
    private readonly DurableStore _store;
    private readonly FileStream _lock;

    // On a file system without locks nobody can be told dead; leases alone decide there.
    private readonly bool _locksWork;

    private Owner(DurableStore store, string id, FileStream held, bool locksWork)
    {
        _store = store;
        Id = id;
        _lock = held;
        _locksWork = locksWork;
    }

    public string Id { get; }

    public static async Task<Owner> Register(DurableStore store, TimeProvider time)
    {
        Directory.CreateDirectory(store.OwnersFolder);
        string id = Guid.NewGuid().ToString("N");
        string path = LockPath(store, id);
        FileStream held = new(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
        held.Write(System.Text.Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)));
        held.Flush();
        bool locksWork = !CanLock(path);
        try
        {
            await store.Write(session => session.Execute(
                "INSERT INTO owners (id, process, started_at) VALUES ($1, $2, $3)", id, Environment.ProcessId, time.GetUtcNow().UtcTicks));
            return new Owner(store, id, held, locksWork);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>Gives back what dead processes held.</summary>
    /// <returns>How many activities that freed.</returns>
    public async Task<int> ReleaseDead()
    {
        if (!_locksWork) return 0;
        List<string> others = _store.Read(session => session.Query("SELECT id FROM owners WHERE id <> $1", reader => reader.GetString(0), Id));
        int freed = 0;
        foreach (string other in others.Where(other => CanLock(LockPath(_store, other))))
        {
            freed += await _store.Write(session => Remove(session, other));
            File.Delete(LockPath(_store, other));
        }

        return freed;
    }

    /// <summary>Leaves in good order.</summary>
    public Task Leave() => _store.Write(session => Remove(session, Id));

    public void Dispose()
    {
        _lock.Dispose();
        File.Delete(LockPath(_store, Id));
    }

    private static int Remove(SqliteSession session, string id)
    {
        session.Execute("DELETE FROM owners WHERE id = $1", id);
        return ActivityTable.Release(session, id);
    }

    private static string LockPath(DurableStore store, string id) => Path.Combine(store.OwnersFolder, id + ".lock");

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
