using DataPlatform.Ingestion.Streaming;
using DataPlatform.Ingestion.Values;
using DataPlatform.Tables;

namespace DataPlatform.Ingestion.Dedupe;

/// <summary>
/// Takes rows out of a batch while it is loaded: those with a key that an earlier row of the batch has, and those with a key that the table has, at the
/// version at hand, from a row that came within the key's window. What commits bring meanwhile is looked at when the batch commits.
/// </summary>
/// <param name="windows">At least one; rows that one key leaves out do not count for those behind it.</param>
internal sealed class DedupePass(KeyFiles files, TableName table, IReadOnlyList<KeyWindow> windows, Snapshot? snapshot, IngestionLimits limits)
{
    private readonly KeySet[] _seen = [.. windows.Select(_ => new KeySet(limits.MaxUniqueKeys))];
    private readonly HashSet<string> _sources = new(StringComparer.Ordinal);

    public IReadOnlyList<KeyWindow> Windows => windows;

    /// <summary>The version of the table that was looked at; -1 when there was none.</summary>
    public long Version { get; } = snapshot?.Version ?? -1;

    /// <summary>Are told which rows are left out; null for rows that are none of a stream.</summary>
    public EventBatch? Events { get; init; }

    public long Duplicates { get; private set; }

    /// <summary>Log paths of the files that hold rows which the batch repeats.</summary>
    public IReadOnlySet<string> Sources => _sources;

    /// <summary>Takes a block's duplicates out of it, and notes the keys of the others in it.</summary>
    public async Task FilterAsync(RowBlock block, CancellationToken cancellationToken)
    {
        var hashes = new UInt128[windows.Count][];
        var marked = new bool[block.Rows];
        for (var key = 0; key < windows.Count; key++)
        {
            var window = windows[key];
            var own = hashes[key] = window.Key.Hash(block);
            for (var i = 0; i < own.Length; i++)
            {
                if (!marked[i])
                    marked[i] = !_seen[key].TryAdd(own[i]);
            }

            foreach (var file in await files.MarkAsync(table, window.Of(snapshot?.Files ?? []), window.Key, own, marked, window.After, cancellationToken))
                _sources.Add(file.Path);
        }

        var dropped = marked.Count(mark => mark);
        if (dropped > 0)
        {
            Duplicates += dropped;
            for (var i = 0; i < marked.Length && Events is not null; i++)
            {
                if (marked[i])
                    Events.LeaveOut(block.RowNumbers.Values[i]);
            }

            foreach (var buffer in block.Buffers)
                buffer.RemoveMarked(marked);
            block.RowNumbers.RemoveMarked(marked);
            hashes = [.. hashes.Select(own => own.Where((_, i) => !marked[i]).ToArray())];
        }

        block.Keys = hashes;
    }
}
