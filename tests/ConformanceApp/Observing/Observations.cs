using System.Collections.Concurrent;

namespace DataPlatform.ConformanceApp.Observing;

/// <summary>What the app's own code saw, by a key that the test chose: how often something ran, when, with what.</summary>
public sealed class Observations(TimeProvider clock)
{
    private readonly ConcurrentDictionary<string, ConcurrentQueue<Observation>> _byKey = new(StringComparer.Ordinal);

    /// <returns>How many there are of this key now.</returns>
    public int Add(string key, string text = "")
    {
        var queue = _byKey.GetOrAdd(key, _ => new ConcurrentQueue<Observation>());
        lock (queue)
        {
            queue.Enqueue(new Observation(clock.GetUtcNow(), text));
            return queue.Count;
        }
    }

    public IReadOnlyList<Observation> Get(string key) => _byKey.TryGetValue(key, out var queue) ? [.. queue] : [];
}
