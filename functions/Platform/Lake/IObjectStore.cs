namespace DataPlatform.Lake;

/// <summary>
/// Named bytes with conditional writes: Azure blobs (flat, hierarchical or Azurite) or a local folder, alike in all they promise.
/// A write that was acknowledged is durable. All members throw <see cref="Failures.TransientException"/> when the store
/// does not answer.
/// </summary>
public interface IObjectStore
{
    /// <returns>Null when there is no such object.</returns>
    Task<ObjectInfo?> GetInfoAsync(LakePath path, CancellationToken cancellationToken);

    /// <summary>Opens an object for forward reading.</summary>
    /// <exception cref="ObjectNotFoundException">There is no such object.</exception>
    Task<Stream> OpenReadAsync(LakePath path, ByteRange? range, CancellationToken cancellationToken);

    /// <summary>Opens an object as long as it is the one described, so that its length and ETag are those of what is read.</summary>
    /// <returns>Null when it was replaced or deleted since.</returns>
    Task<Stream?> TryOpenReadAsync(ObjectInfo described, ByteRange? range, CancellationToken cancellationToken);

    /// <summary>Writes a small object in one go.</summary>
    /// <returns>The object, or null when <paramref name="condition"/> does not hold. A lost answer to an own write that won is
    /// recognised as won.</returns>
    Task<ObjectInfo?> TryPutAsync(
        LakePath path, ReadOnlyMemory<byte> content, PutCondition condition, string? contentType, CancellationToken cancellationToken);

    /// <summary>Opens a stream into an object of any size; memory stays bounded.</summary>
    Task<ObjectWriteStream> OpenWriteAsync(LakePath path, PutCondition condition, string? contentType, CancellationToken cancellationToken);

    /// <param name="metadata">Kept with the object and copied with it. Names are lower-case identifiers other than <c>writer</c> and
    /// <c>hdi_isfolder</c>, values printable ASCII: what both stores can keep.</param>
    /// <inheritdoc cref="OpenWriteAsync(LakePath, PutCondition, string?, CancellationToken)"/>
    Task<ObjectWriteStream> OpenWriteAsync(
        LakePath path, PutCondition condition, string? contentType, IReadOnlyDictionary<string, string>? metadata, CancellationToken cancellationToken);

    /// <summary>Gives what an object holds now a second name, without its bytes passing through here.</summary>
    /// <param name="etag">The source's, which must still hold.</param>
    /// <param name="condition">What must hold of the target. A store may read and write the bytes when it replaces something.</param>
    /// <returns>The copy, or null when <paramref name="condition"/> does not hold.</returns>
    /// <exception cref="ObjectNotFoundException">There is no source, or it has another ETag by now.</exception>
    Task<ObjectInfo?> TryCopyAsync(LakePath source, string etag, LakePath target, PutCondition condition, CancellationToken cancellationToken);

    /// <returns>False when there was no such object, or <paramref name="etag"/> was given and is no longer its ETag.</returns>
    Task<bool> TryDeleteAsync(LakePath path, string? etag, CancellationToken cancellationToken);

    /// <summary>Objects whose path starts with <paramref name="prefix"/> and a slash, in ordinal order of their paths. Slow on large
    /// containers: data is found through table logs, not by listing.</summary>
    /// <param name="after">Skips paths up to and including this one.</param>
    IAsyncEnumerable<ObjectInfo> ListAsync(LakePath prefix, LakePath? after, CancellationToken cancellationToken);

    /// <summary>The file behind an object when this store is a local folder, so that engines read it in place; else null.</summary>
    string? TryGetLocalFile(LakePath path);
}
