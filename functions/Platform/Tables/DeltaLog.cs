using DataPlatform.Lake;
using DataPlatform.Tables.Checkpointing;
using DataPlatform.Tables.Protocol;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace DataPlatform.Tables;

/// <summary>The log of one table in the object store: <c>_delta_log/00000000000000000007.json</c>, one file a version.</summary>
internal sealed class DeltaLog(TableName table, IObjectStore store, ILogger? logger = null)
{
    public TableName Table { get; } = table;

    public Checkpoints Checkpoints { get; } = new(table, store, logger ?? NullLogger.Instance);

    public async Task<bool> ExistsAsync(long version, CancellationToken cancellationToken) =>
        await store.GetInfoAsync(PathOf(version), cancellationToken) is not null;

    /// <returns>Null when there is no such version (yet, or no more).</returns>
    public async Task<LogEntry?> TryReadAsync(long version, CancellationToken cancellationToken)
    {
        try
        {
            await using var stream = await store.OpenReadAsync(PathOf(version), null, cancellationToken);
            using var buffer = new MemoryStream();
            await stream.CopyToAsync(buffer, cancellationToken);
            return LogReader.Read(Table, version, buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
        }
        catch (ObjectNotFoundException)
        {
            return null;
        }
    }

    /// <returns>False when another writer has this version.</returns>
    public async Task<bool> TryWriteAsync(long version, ReadOnlyMemory<byte> actions, CancellationToken cancellationToken) =>
        // No content type but the name's own: the folder store would sync a second file to keep another.
        await store.TryPutAsync(PathOf(version), actions, PutCondition.IfAbsent, null, cancellationToken) is not null;

    /// <summary>Versions (after, upTo], ascending, ending early at the first that is not there. Reads ahead, more boldly the further it
    /// gets: asking for one version costs one request.</summary>
    public async IAsyncEnumerable<LogEntry> ReadAsync(
        long after, long upTo, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        const int MostAhead = 16;
        var ahead = 1;
        for (var next = after + 1; next <= upTo;)
        {
            var count = (int)Math.Min(ahead - 1, upTo - next) + 1;
            var entries = await Task.WhenAll(Enumerable.Range(0, count).Select(i => TryReadAsync(next + i, cancellationToken)));
            foreach (var entry in entries)
            {
                if (entry is null)
                    yield break;
                yield return entry;
            }

            next += count;
            ahead = Math.Min(ahead * 2, MostAhead);
        }
    }

    private LakePath PathOf(long version) => Table.Root.Append($"_delta_log/{version:D20}.json");
}
