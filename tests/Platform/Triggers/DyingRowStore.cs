using DataPlatform.Failures;
using DataPlatform.Lake;

namespace DataPlatform.Platform.Tests.Triggers;

/// <summary>A row store whose process ends just before one of its writes: nothing of it is done after that.</summary>
internal sealed class DyingRowStore(IRowStore inner) : IRowStore, IDisposable
{
    private int _writes;

    /// <summary>The write, counted from 1, that is not done any more; 0 for none.</summary>
    public int DiesAt { get; set; }

    /// <summary>It dies at the n-th write from now.</summary>
    public void DieIn(int writes) => DiesAt = IsDead ? DiesAt : _writes + writes;

    public bool IsDead => DiesAt > 0 && _writes >= DiesAt;

    public Task<Row?> GetAsync(string table, RowKey key, CancellationToken cancellationToken) =>
        Alive(() => inner.GetAsync(table, key, cancellationToken));

    public Task<Row?> TryInsertAsync(string table, RowKey key, ReadOnlyMemory<byte> value, CancellationToken cancellationToken) =>
        Write(() => inner.TryInsertAsync(table, key, value, cancellationToken));

    public Task<Row?> TryReplaceAsync(string table, RowKey key, ReadOnlyMemory<byte> value, string etag, CancellationToken cancellationToken) =>
        Write(() => inner.TryReplaceAsync(table, key, value, etag, cancellationToken));

    public Task<Row> UpsertAsync(string table, RowKey key, ReadOnlyMemory<byte> value, CancellationToken cancellationToken) =>
        Write(() => inner.UpsertAsync(table, key, value, cancellationToken));

    public Task<bool> TryDeleteAsync(string table, RowKey key, string? etag, CancellationToken cancellationToken) =>
        Write(() => inner.TryDeleteAsync(table, key, etag, cancellationToken));

    public Task<bool> TryBatchAsync(string table, IReadOnlyList<RowOperation> operations, CancellationToken cancellationToken) =>
        Write(() => inner.TryBatchAsync(table, operations, cancellationToken));

    public IAsyncEnumerable<Row> QueryAsync(string table, string partition, string? after, string? upTo, CancellationToken cancellationToken) =>
        IsDead ? throw Dead() : inner.QueryAsync(table, partition, after, upTo, cancellationToken);

    public void Dispose() => (inner as IDisposable)?.Dispose();

    private Task<T> Write<T>(Func<Task<T>> write)
    {
        if (!IsDead)
            _writes++;
        return Alive(write);
    }

    private Task<T> Alive<T>(Func<Task<T>> call) => IsDead ? throw Dead() : call();

    private static TransientException Dead() => new("The process is dead.");
}
