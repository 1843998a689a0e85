using System.Collections.Concurrent;

namespace DataPlatform.Catalog;

/// <summary>Entries read a moment ago. What this process writes is never served stale; what others write is, for the given age.</summary>
internal sealed class DefinitionCache(TimeProvider clock, TimeSpan maxAge)
{
    private const int MaxEntries = 4096;

    private readonly ConcurrentDictionary<NameOwner, (object Entry, long ReadAt)> _entries = new();
    private readonly Lock _lock = new();
    private long _writes;

    /// <summary>To be taken before reading from the store, and given back with what was read.</summary>
    public long Mark => Interlocked.Read(ref _writes);

    public object? Find(NameOwner owner) =>
        _entries.TryGetValue(owner, out var cached) && clock.GetElapsedTime(cached.ReadAt) <= maxAge ? cached.Entry : null;

    /// <param name="mark">Refuses the entry when something was written since.</param>
    public void Add(NameOwner owner, object entry, long mark, long readAt)
    {
        lock (_lock)
        {
            if (_writes != mark)
                return;
            if (_entries.Count >= MaxEntries)
                _entries.Clear();
            _entries[owner] = (entry, readAt);
        }
    }

    public void Remove(NameOwner owner)
    {
        lock (_lock)
        {
            _writes++;
            _entries.TryRemove(owner, out _);
        }
    }
}
