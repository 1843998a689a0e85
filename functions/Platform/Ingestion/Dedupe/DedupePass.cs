using DataPlatform.Catalog;
using DataPlatform.Ingestion.Values;
using DataPlatform.Tables;

namespace DataPlatform.Ingestion.Dedupe;

/// <summary>
/// Takes rows out of a batch while it is loaded: those whose key an earlier row of the batch has, and those whose key the table has, at the
/// version at hand, from a row that came within the window before the batch. What commits bring meanwhile is looked at when the batch commits.
/// </summary>
/// <param name="started">When the batch was claimed: its rows' <c>_ingested_at</c>.</param>
internal sealed class DedupePass(
    KeyFiles files, TableName table, DatasetDefinition definition, Snapshot? snapshot, DateTimeOffset started, IngestionLimits limits)
{
    private readonly KeySet _seen = new(limits.MaxUniqueKeys);
    private readonly HashSet<string> _sources = new(StringComparer.Ordinal);

    public KeyColumns Key { get; } = new(definition);

    /// <summary>The version of the table that was looked at; -1 when there was none.</summary>
    public long Version { get; } = snapshot?.Version ?? -1;

    /// <summary>Rows that came after this, microseconds since 1970, are within the window.</summary>
    public long After { get; } = KeyFiles.Micros(started - definition.Dedupe!.Window);

    public long Duplicates { get; private set; }

    /// <summary>Log paths of the files that hold rows which the batch repeats.</summary>
    public IReadOnlySet<string> Sources => _sources;

    /// <summary>Takes a block's duplicates out of it, and notes the keys of the others in it.</summary>
    public async Task FilterAsync(RowBlock block, CancellationToken cancellationToken)
    {
        var hashes = Key.Hash(block);
        var marked = new bool[hashes.Length];
        for (var i = 0; i < hashes.Length; i++)
            marked[i] = !_seen.TryAdd(hashes[i]);
        foreach (var file in await files.MarkAsync(table, snapshot?.Files ?? [], Key, hashes, marked, After, cancellationToken))
            _sources.Add(file.Path);

        var dropped = marked.Count(mark => mark);
        if (dropped > 0)
        {
            Duplicates += dropped;
            foreach (var buffer in block.Buffers)
                buffer.RemoveMarked(marked);
            block.RowNumbers.RemoveMarked(marked);
            hashes = [.. hashes.Where((_, i) => !marked[i])];
        }

        block.Keys = hashes;
    }
}
