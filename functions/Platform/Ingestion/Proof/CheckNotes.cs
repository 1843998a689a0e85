using System.Collections.Concurrent;

namespace DataPlatform.Ingestion.Proof;

/// <summary>Collects what one check sees. Several may note at a time.</summary>
internal sealed class CheckNotes(string name, params IReadOnlyList<string> figures)
{
    private const int MostDifferences = 100;

    private readonly ConcurrentQueue<ProofDifference> _differences = new();
    private readonly ConcurrentDictionary<string, long> _figures = new(figures.Select(figure => KeyValuePair.Create(figure, 0L)), StringComparer.Ordinal);
    private long _count;

    public bool Passed => Interlocked.Read(ref _count) == 0;

    public void Count(string figure, long by) => _figures.AddOrUpdate(figure, by, (_, sum) => sum + by);

    public void Differs(string? batch, long? version, string message)
    {
        if (Interlocked.Increment(ref _count) <= MostDifferences)
            _differences.Enqueue(new ProofDifference(batch, version, message));
    }

    public ProofCheck ToCheck() => new(
        name,
        Passed,
        figures.ToDictionary(figure => figure, figure => _figures[figure]),
        [.. _differences.OrderBy(difference => difference.TableVersion).ThenBy(difference => difference.Batch, StringComparer.Ordinal)],
        Math.Max(0, Interlocked.Read(ref _count) - MostDifferences));
}
