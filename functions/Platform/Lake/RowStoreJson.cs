using System.Runtime.CompilerServices;
using System.Text.Json;
using DataPlatform.Failures;

namespace DataPlatform.Lake;

/// <summary>Rows as types, by <see cref="PlatformJson"/>. Results mean what they mean in <see cref="IRowStore"/>.</summary>
public static class RowStoreJson
{
    public static async Task<StoredRow<T>?> GetAsync<T>(this IRowStore rows, string table, RowKey key, CancellationToken cancellationToken) =>
        await rows.GetAsync(table, key, cancellationToken) is { } row ? Read<T>(table, row) : null;

    public static async Task<StoredRow<T>?> TryInsertAsync<T>(
        this IRowStore rows, string table, RowKey key, T value, CancellationToken cancellationToken) =>
        await rows.TryInsertAsync(table, key, Write(value), cancellationToken) is { } row ? new(key, row.ETag, value) : null;

    public static async Task<StoredRow<T>?> TryReplaceAsync<T>(
        this IRowStore rows, string table, RowKey key, T value, string etag, CancellationToken cancellationToken) =>
        await rows.TryReplaceAsync(table, key, Write(value), etag, cancellationToken) is { } row ? new(key, row.ETag, value) : null;

    public static async Task<StoredRow<T>> UpsertAsync<T>(
        this IRowStore rows, string table, RowKey key, T value, CancellationToken cancellationToken) =>
        new(key, (await rows.UpsertAsync(table, key, Write(value), cancellationToken)).ETag, value);

    public static async IAsyncEnumerable<StoredRow<T>> QueryAsync<T>(
        this IRowStore rows,
        string table,
        string partition,
        string? after,
        string? upTo,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var row in rows.QueryAsync(table, partition, after, upTo, cancellationToken))
            yield return Read<T>(table, row);
    }

    internal static byte[] Write<T>(T value) => JsonSerializer.SerializeToUtf8Bytes(value, PlatformJson.Options);

    private static StoredRow<T> Read<T>(string table, Row row)
    {
        try
        {
            var value = JsonSerializer.Deserialize<T>(row.Value.Span, PlatformJson.Options)
                ?? throw new JsonException("The document is null.");
            return new(row.Key, row.ETag, value);
        }
        catch (JsonException exception)
        {
            throw new TerminalException(
                FailureKind.Internal,
                "UnreadableRow",
                $"The row '{row.Key.Partition}' / '{row.Key.Id}' of table '{table}' is not a {typeof(T).Name} document.",
                innerException: exception);
        }
    }
}
