using System.Runtime.CompilerServices;
using DataPlatform.Lake;

namespace DataPlatform.Platform.Tests.Operations;

/// <summary>Counts the rows that are read from a store.</summary>
internal sealed class CountingRows(IRowStore rows) : IRowStore
{
    private int _read;

    public int Read => _read;

    public Task<Row?> GetAsync(string table, RowKey key, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _read);
        return rows.GetAsync(table, key, cancellationToken);
    }

    public Task<Row?> TryInsertAsync(string table, RowKey key, ReadOnlyMemory<byte> value, CancellationToken cancellationToken) =>
        rows.TryInsertAsync(table, key, value, cancellationToken);

    public Task<Row?> TryReplaceAsync(string table, RowKey key, ReadOnlyMemory<byte> value, string etag, CancellationToken cancellationToken) =>
        rows.TryReplaceAsync(table, key, value, etag, cancellationToken);

    public Task<Row> UpsertAsync(string table, RowKey key, ReadOnlyMemory<byte> value, CancellationToken cancellationToken) =>
        rows.UpsertAsync(table, key, value, cancellationToken);

    public Task<bool> TryDeleteAsync(string table, RowKey key, string? etag, CancellationToken cancellationToken) =>
        rows.TryDeleteAsync(table, key, etag, cancellationToken);

    public Task<bool> TryBatchAsync(string table, IReadOnlyList<RowOperation> operations, CancellationToken cancellationToken) =>
        rows.TryBatchAsync(table, operations, cancellationToken);

    public async IAsyncEnumerable<Row> QueryAsync(
        string table, string partition, string? after, string? upTo, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var row in rows.QueryAsync(table, partition, after, upTo, cancellationToken))
        {
            Interlocked.Increment(ref _read);
            yield return row;
        }
    }
}
