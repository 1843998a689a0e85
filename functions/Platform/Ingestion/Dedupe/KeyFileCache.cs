using DataPlatform.Lake;

namespace DataPlatform.Ingestion.Dedupe;

/// <summary>The filters in memory, the least recently used going first when they outgrow their budget.</summary>
/// <param name="budget">Bytes.</param>
internal sealed class KeyFileCache(long budget)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<LakePath, LinkedListNode<KeyFile>> _files = [];
    private readonly LinkedList<KeyFile> _order = [];

    public long Bytes { get; private set; }

    public KeyFile? TryGet(LakePath path)
    {
        lock (_gate)
        {
            if (!_files.TryGetValue(path, out var node))
                return null;
            _order.Remove(node);
            _order.AddLast(node);
            return node.Value;
        }
    }

    public void Add(KeyFile file)
    {
        lock (_gate)
        {
            Drop(file.Path);
            if (file.Bytes > budget)
                return;
            _files.Add(file.Path, _order.AddLast(file));
            Bytes += file.Bytes;
            while (Bytes > budget)
                Drop(_order.First!.Value.Path);
        }
    }

    public void Remove(LakePath path)
    {
        lock (_gate)
            Drop(path);
    }

    private void Drop(LakePath path)
    {
        if (!_files.Remove(path, out var node))
            return;
        _order.Remove(node);
        Bytes -= node.Value.Bytes;
    }
}
