namespace DataPlatform.Lake;

/// <summary>
/// Small JSON rows with keys and conditional writes: Azure tables or SQLite, alike in all they promise. A write that was
/// acknowledged is durable. Tables come into being with their first row. All members throw
/// <see cref="Failures.TransientException"/> when the store does not answer, and a <see cref="Failures.TerminalException"/>
/// (<c>InvalidKey</c>, <c>RowTooLarge</c>, <c>InvalidBatch</c>) for what breaks <see cref="RowLimits"/>.
/// </summary>
public interface IRowStore
{
    /// <returns>Null when there is no such row.</returns>
    Task<Row?> GetAsync(string table, RowKey key, CancellationToken cancellationToken);

    /// <returns>The row as stored, or null when one with this key is there already.</returns>
    Task<Row?> TryInsertAsync(string table, RowKey key, ReadOnlyMemory<byte> value, CancellationToken cancellationToken);

    /// <returns>The row as stored, or null when it is gone or has another ETag.</returns>
    Task<Row?> TryReplaceAsync(string table, RowKey key, ReadOnlyMemory<byte> value, string etag, CancellationToken cancellationToken);

    Task<Row> UpsertAsync(string table, RowKey key, ReadOnlyMemory<byte> value, CancellationToken cancellationToken);

    /// <returns>False when the row is gone or <paramref name="etag"/> was given and is no longer its ETag.</returns>
    Task<bool> TryDeleteAsync(string table, RowKey key, string? etag, CancellationToken cancellationToken);

    /// <summary>All or nothing, within one partition, 1 to 100 operations on different rows, values of together at most 2.5 MiB.</summary>
    /// <returns>False when one of the operations could not be done; then none was.</returns>
    Task<bool> TryBatchAsync(string table, IReadOnlyList<RowOperation> operations, CancellationToken cancellationToken);

    /// <summary>Rows of one partition in ordinal order of their ids.</summary>
    /// <param name="after">Only ids above this one; null starts at the first.</param>
    /// <param name="upTo">Only ids up to and including this one; null ends at the last.</param>
    IAsyncEnumerable<Row> QueryAsync(
        string table, string partition, string? after, string? upTo, CancellationToken cancellationToken);
}
