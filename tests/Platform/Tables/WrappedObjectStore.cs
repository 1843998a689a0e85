using DataPlatform.Lake;

namespace DataPlatform.Platform.Tests.Tables;

/// <summary>A store that does what the one below it does, for tests to disturb.</summary>
internal abstract class WrappedObjectStore(IObjectStore inner) : IObjectStore
{
    public virtual Task<ObjectInfo?> GetInfoAsync(LakePath path, CancellationToken cancellationToken) => inner.GetInfoAsync(path, cancellationToken);

    public virtual Task<Stream> OpenReadAsync(LakePath path, ByteRange? range, CancellationToken cancellationToken) =>
        inner.OpenReadAsync(path, range, cancellationToken);

    public virtual Task<Stream?> TryOpenReadAsync(ObjectInfo described, ByteRange? range, CancellationToken cancellationToken) =>
        inner.TryOpenReadAsync(described, range, cancellationToken);

    public virtual Task<ObjectWriteStream> OpenWriteAsync(
        LakePath path, PutCondition condition, string? contentType, IReadOnlyDictionary<string, string>? metadata, CancellationToken cancellationToken) =>
        inner.OpenWriteAsync(path, condition, contentType, metadata, cancellationToken);

    public virtual Task<ObjectInfo?> TryPutAsync(
        LakePath path, ReadOnlyMemory<byte> content, PutCondition condition, string? contentType, CancellationToken cancellationToken) =>
        inner.TryPutAsync(path, content, condition, contentType, cancellationToken);

    public virtual Task<ObjectWriteStream> OpenWriteAsync(LakePath path, PutCondition condition, string? contentType, CancellationToken cancellationToken) =>
        inner.OpenWriteAsync(path, condition, contentType, cancellationToken);

    public virtual Task<ObjectInfo?> TryCopyAsync(
        LakePath source, string etag, LakePath target, PutCondition condition, CancellationToken cancellationToken) =>
        inner.TryCopyAsync(source, etag, target, condition, cancellationToken);

    public virtual Task<bool> TryDeleteAsync(LakePath path, string? etag, CancellationToken cancellationToken) =>
        inner.TryDeleteAsync(path, etag, cancellationToken);

    public virtual IAsyncEnumerable<ObjectInfo> ListAsync(LakePath prefix, LakePath? after, CancellationToken cancellationToken) =>
        inner.ListAsync(prefix, after, cancellationToken);

    public string? TryGetLocalFile(LakePath path) => inner.TryGetLocalFile(path);
}
