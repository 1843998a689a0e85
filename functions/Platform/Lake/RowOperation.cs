namespace DataPlatform.Lake;

/// <summary>One write of a batch.</summary>
/// <param name="Value">The JSON document; ignored by <see cref="RowOperationKind.Delete"/>.</param>
/// <param name="ETag">For Replace and Delete: the ETag that must still hold; null means any.</param>
public sealed record RowOperation(RowOperationKind Kind, RowKey Key, ReadOnlyMemory<byte> Value = default, string? ETag = null)
{
    public static RowOperation Insert<T>(RowKey key, T value) => new(RowOperationKind.Insert, key, RowStoreJson.Write(value));

    public static RowOperation Replace<T>(RowKey key, T value, string? etag) =>
        new(RowOperationKind.Replace, key, RowStoreJson.Write(value), etag);

    public static RowOperation Upsert<T>(RowKey key, T value) => new(RowOperationKind.Upsert, key, RowStoreJson.Write(value));

    public static RowOperation Delete(RowKey key, string? etag = null) => new(RowOperationKind.Delete, key, ETag: etag);
}
