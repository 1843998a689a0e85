using DataPlatform.Failures;
using DataPlatform.Lake;
using DataPlatform.Tables.Protocol;

namespace DataPlatform.Tables;

/// <summary>The log of one table in the object store: <c>_delta_log/00000000000000000007.json</c>, one file a version.</summary>
internal sealed class DeltaLog(TableName table, IObjectStore store)
{
    public TableName Table { get; } = table;

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

    /// <summary>A log without version 0 is that of no table, or begins with a checkpoint: taking the second for the first would start a
    /// new table on top of the old one.</summary>
    /// <exception cref="TerminalException"><c>TableFeatureUnsupported</c>.</exception>
    public async Task EnsureNoCheckpointAsync(CancellationToken cancellationToken)
    {
        if (await store.GetInfoAsync(Table.Root.Append("_delta_log/_last_checkpoint"), cancellationToken) is not null)
        {
            throw new TerminalException(
                FailureKind.NotImplemented,
                "TableFeatureUnsupported",
                $"The log of table '{Table}' begins with a checkpoint, which is not read here. Copy the table into a new one.",
                Table.Name);
        }
    }

    /// <returns>False when another writer has this version.</returns>
    public async Task<bool> TryWriteAsync(long version, ReadOnlyMemory<byte> actions, CancellationToken cancellationToken) =>
        await store.TryPutAsync(PathOf(version), actions, PutCondition.IfAbsent, "application/x-ndjson", cancellationToken) is not null;

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
