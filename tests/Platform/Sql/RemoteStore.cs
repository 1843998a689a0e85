using DataPlatform.Lake;

namespace DataPlatform.Platform.Tests.Sql;

/// <summary>A folder store whose files cannot be read in place, as those of an account; counts and can hold up its reads.</summary>
internal sealed class RemoteStore(IObjectStore inner) : IObjectStore
{
    private int _reads;

    public int Reads => _reads;

    public Task Gate { get; set; } = Task.CompletedTask;

    public Task<ObjectInfo?> GetInfoAsync(LakePath path, CancellationToken cancellationToken) => inner.GetInfoAsync(path, cancellationToken);

    public async Task<Stream> OpenReadAsync(LakePath path, ByteRange? range, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _reads);
        await Gate.WaitAsync(cancellationToken);
        return await inner.OpenReadAsync(path, range, cancellationToken);
    }

    public Task<Stream?> TryOpenReadAsync(ObjectInfo described, ByteRange? range, CancellationToken cancellationToken) =>
        inner.TryOpenReadAsync(described, range, cancellationToken);

    public Task<ObjectWriteStream> OpenWriteAsync(
        LakePath path, PutCondition condition, string? contentType, IReadOnlyDictionary<string, string>? metadata, CancellationToken cancellationToken) =>
        inner.OpenWriteAsync(path, condition, contentType, metadata, cancellationToken);

    public Task<ObjectInfo?> TryPutAsync(
        LakePath path, ReadOnlyMemory<byte> content, PutCondition condition, string? contentType, CancellationToken cancellationToken) =>
        inner.TryPutAsync(path, content, condition, contentType, cancellationToken);

    public Task<ObjectWriteStream> OpenWriteAsync(
        LakePath path, PutCondition condition, string? contentType, CancellationToken cancellationToken) =>
        inner.OpenWriteAsync(path, condition, contentType, cancellationToken);

    public Task<ObjectInfo?> TryCopyAsync(
        LakePath source, string etag, LakePath target, PutCondition condition, CancellationToken cancellationToken) =>
        inner.TryCopyAsync(source, etag, target, condition, cancellationToken);

    public Task<bool> TryDeleteAsync(LakePath path, string? etag, CancellationToken cancellationToken) =>
        inner.TryDeleteAsync(path, etag, cancellationToken);

    public IAsyncEnumerable<ObjectInfo> ListAsync(LakePath prefix, LakePath? after, CancellationToken cancellationToken) =>
        inner.ListAsync(prefix, after, cancellationToken);

    public string? TryGetLocalFile(LakePath path) => null;
}
