using DataPlatform.Ingestion.Values;

namespace DataPlatform.Ingestion.Batches;

/// <summary>A data file under way.</summary>
/// <param name="partition">Its values of the columns that the table's files are divided by.</param>
internal sealed class OpenPart(PartWriter writer, IReadOnlyDictionary<string, string?> partition) : IAsyncDisposable
{
    private readonly List<List<UInt128>> _keys = [];

    public PartWriter Writer { get; } = writer;

    /// <summary>By key, ascending.</summary>
    public UInt128[][] Hashes => [.. _keys.Select(of => of.Order().ToArray())];

    /// <param name="other">Values of the same columns.</param>
    public bool IsOf(IReadOnlyDictionary<string, string?> other) => partition.Count == other.Count && partition.All(pair => other[pair.Key] == pair.Value);

    /// <summary>Whether the next rows must go into another file.</summary>
    public bool IsFull(RowBlock next, IngestionLimits limits) =>
        Writer.Length >= limits.FileBytes || (_keys.Count > 0 && _keys[0].Count >= limits.FileKeys) || !Writer.Columns.SequenceEqual(next.Columns);

    public async Task WriteAsync(BlockPart part, CancellationToken cancellationToken)
    {
        await Writer.WriteAsync(part, cancellationToken);
        for (var key = 0; key < part.Block.Keys?.Count; key++)
        {
            if (key == _keys.Count)
                _keys.Add([]);
            _keys[key].AddRange(part.Block.Keys[key]);
        }
    }

    public ValueTask DisposeAsync() => Writer.DisposeAsync();
}
