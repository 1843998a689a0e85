using System.Diagnostics.CodeAnalysis;

namespace DataPlatform.Local.Runtime.Durable;

/// <summary>The instances in memory. The least recently used of the idle ones go when together they are too large.</summary>
internal sealed class LiveInstances(long maxBytes)
{
    private readonly Dictionary<string, LinkedListNode<LiveInstance>> _nodes = new(StringComparer.Ordinal);
    private readonly LinkedList<LiveInstance> _byUse = new();
    private long _bytes;

    public IEnumerable<LiveInstance> All => _byUse;

    public LiveInstance GetOrAdd(string id)
    {
        if (_nodes.TryGetValue(id, out LinkedListNode<LiveInstance>? node)) return node.Value;
        node = _byUse.AddFirst(new LiveInstance(id));
        _nodes.Add(id, node);
        return node.Value;
    }

    public bool TryGet(string id, [NotNullWhen(true)] out LiveInstance? instance)
    {
        instance = _nodes.GetValueOrDefault(id)?.Value;
        return instance is not null;
    }

    /// <summary>After a turn: counts it as just used, or forgets it when there is nothing to keep.</summary>
    public void Settle(LiveInstance instance)
    {
        LinkedListNode<LiveInstance> node = _nodes[instance.Id];
        Count(instance);
        if (instance.Phase == LivePhase.Idle && instance.Snapshot is null && !instance.HasWork)
        {
            _byUse.Remove(node);
            _nodes.Remove(instance.Id);
            return;
        }

        _byUse.Remove(node);
        _byUse.AddFirst(node);
        Evict();
    }

    private void Count(LiveInstance instance)
    {
        long bytes = instance.Snapshot?.Bytes ?? 0;
        _bytes += bytes - instance.CountedBytes;
        instance.CountedBytes = bytes;
    }

    private void Evict()
    {
        for (LinkedListNode<LiveInstance>? node = _byUse.Last; node is not null && _bytes > maxBytes;)
        {
            LinkedListNode<LiveInstance>? next = node.Previous;
            LiveInstance instance = node.Value;
            if (instance.Phase == LivePhase.Idle && !instance.HasWork)
            {
                instance.Snapshot = null;
                Count(instance);
                _byUse.Remove(node);
                _nodes.Remove(instance.Id);
            }

            node = next;
        }
    }
}
