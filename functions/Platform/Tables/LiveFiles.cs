using System.Collections;
using System.Collections.Immutable;

namespace DataPlatform.Tables;

/// <summary>The files of a table at one version, in the order they were added. The next version's list shares all it can with this
/// one, so a commit costs what it changes; the array for enumerating is built when it is first asked for.</summary>
internal sealed class LiveFiles : IReadOnlyList<DataFile>
{
    public static readonly LiveFiles None = new(ImmutableDictionary.Create<string, Slot>(StringComparer.Ordinal), 0);

    private readonly ImmutableDictionary<string, Slot> _slots;
    private readonly long _next;
    private DataFile[]? _ordered;

    private LiveFiles(ImmutableDictionary<string, Slot> slots, long next)
    {
        _slots = slots;
        _next = next;
    }

    public int Count => _slots.Count;

    public DataFile this[int index] => Ordered[index];

    private DataFile[] Ordered => _ordered ??= [.. _slots.Values.OrderBy(slot => slot.Position).Select(slot => slot.File)];

    public DataFile? TryGet(string logPath) => _slots.TryGetValue(DataFiles.Decode(logPath), out var slot) ? slot.File : null;

    public LiveFiles Apply(IReadOnlyList<DataFile> removed, IReadOnlyList<DataFile> added)
    {
        if (removed.Count == 0 && added.Count == 0)
            return this;

        var slots = _slots.ToBuilder();
        var next = _next;
        foreach (var file in removed)
            slots.Remove(DataFiles.Decode(file.Path));
        foreach (var file in added)
            slots[DataFiles.Decode(file.Path)] = new Slot(next++, file);
        return new LiveFiles(slots.ToImmutable(), next);
    }

    public IEnumerator<DataFile> GetEnumerator() => ((IEnumerable<DataFile>)Ordered).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private readonly record struct Slot(long Position, DataFile File);
}
