using System.Collections.Concurrent;
using DataPlatform.Operations;

namespace DataPlatform.Triggers;

/// <summary>What this process has just changed, so that triggers need not wait for their regular look. Forgetting it costs time only.</summary>
public sealed class TriggerHints : IDatasetProjection
{
    private ConcurrentDictionary<string, byte> _changed = new(StringComparer.Ordinal);

    /// <summary>A table has a new commit.</summary>
    public void NoteTable(string table) => _changed[table] = 0;

    /// <summary>A definition was put or deleted.</summary>
    public void NoteDefinitions() => _changed[""] = 0;

    /// <summary>A run of a pipeline or mart has ended: changes may have waited for that.</summary>
    internal void NoteEnd(RunKind kind, string name) => _changed[$"{kind}-{name}"] = 0;

    /// <summary>All since the last call: names of tables, keys of definitions, and an empty text when any definition changed.</summary>
    internal IReadOnlyCollection<string> Take() =>
        _changed.IsEmpty ? [] : (IReadOnlyCollection<string>)Interlocked.Exchange(ref _changed, new(StringComparer.Ordinal)).Keys;

    /// <summary>The timer of receipts goes to the newest version; who comes right from a commit names it.</summary>
    Task<long> IDatasetProjection.AdvanceAsync(string dataset, long? upTo, CancellationToken cancellationToken)
    {
        if (upTo is not null)
            NoteTable(dataset);
        return Task.FromResult(upTo ?? -1);
    }
}
