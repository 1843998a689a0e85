using System.Runtime.CompilerServices;
using Azure;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using DataPlatform.Failures;

namespace DataPlatform.Lake;

/// <summary>
/// Objects as block blobs of a storage account, always through the blob endpoint: flat accounts, accounts with a hierarchical namespace and
/// Azurite behave alike there. Containers come into being with their first object.
/// </summary>
/// <remarks>
/// A conditional write stores a random writer id with the object. When the SDK repeats a request whose first answer was lost, the service
/// refuses the repetition; the writer id then tells the own write from another's.
/// </remarks>
public sealed class BlobObjectStore(StorageAccount account) : IObjectStore
{
    internal const string WriterKey = "writer";
    private const string FolderKey = "hdi_isfolder";
    private static readonly TimeSpan CopyPause = TimeSpan.FromMilliseconds(200);

    private readonly StorageEndpoint _endpoint = account.BlobEndpoint;

    public async Task<ObjectInfo?> GetInfoAsync(LakePath path, CancellationToken cancellationToken)
    {
        try
        {
            return await GetPropertiesAsync(path, cancellationToken) is { } properties && !IsFolder(properties.Metadata)
                ? Info(path, properties)
                : null;
        }
        catch (Exception exception) when (_endpoint.Explain(exception, cancellationToken) is { } failure)
        {
            throw failure;
        }
    }

    public async Task<Stream> OpenReadAsync(LakePath path, ByteRange? range, CancellationToken cancellationToken)
    {
        var offset = ByteRange.Check(range);
        if (range is { Length: 0 })
            return await GetInfoAsync(path, cancellationToken) is null ? throw new ObjectNotFoundException(path) : Stream.Null;

        var options = new BlobDownloadOptions { Range = range is null ? default : new HttpRange(offset, range.Value.Length) };
        return await DownloadAsync(path, options, cancellationToken);
    }

    public async Task<Stream?> TryOpenReadAsync(ObjectInfo described, ByteRange? range, CancellationToken cancellationToken)
    {
        var offset = ByteRange.Check(range);
        var options = new BlobDownloadOptions
        {
            Range = range is null or { Length: 0 } ? default : new HttpRange(offset, range.Value.Length),
            Conditions = new BlobRequestConditions { IfMatch = new ETag(described.ETag) },
        };
        try
        {
            var content = await DownloadAsync(described.Path, options, cancellationToken);
            if (range is not { Length: 0 })
                return content;
            await content.DisposeAsync();
            return Stream.Null;
        }
        catch (ObjectNotFoundException)
        {
            return null;
        }
    }

    private async Task<Stream> DownloadAsync(LakePath path, BlobDownloadOptions options, CancellationToken cancellationToken)
    {
        try
        {
            var download = (await BlobOf(path).DownloadStreamingAsync(options, cancellationToken)).Value;
            if (!IsFolder(download.Details.Metadata))
                return new BlobReadStream(download.Content, _endpoint, path);
            download.Dispose();
            throw new ObjectNotFoundException(path);
        }
        catch (RequestFailedException exception) when (exception.Status is 404 or 412)
        {
            throw new ObjectNotFoundException(path, exception);
        }
        catch (RequestFailedException exception) when (exception.Status == 416)
        {
            // The range starts at or beyond the end.
            return Stream.Null;
        }
        catch (Exception exception) when (_endpoint.Explain(exception, cancellationToken) is { } failure)
        {
            throw failure;
        }
    }

    public async Task<ObjectInfo?> TryPutAsync(
        LakePath path, ReadOnlyMemory<byte> content, PutCondition condition, string? contentType, CancellationToken cancellationToken)
    {
        var put = new BlobPut(path, condition, new ObjectTraits(contentType));
        return put.CannotHold ? null : await PutAsync(put, content, cancellationToken);
    }

    public Task<ObjectWriteStream> OpenWriteAsync(
        LakePath path, PutCondition condition, string? contentType, CancellationToken cancellationToken) =>
        OpenWriteAsync(path, condition, contentType, null, cancellationToken);

    public Task<ObjectWriteStream> OpenWriteAsync(
        LakePath path, PutCondition condition, string? contentType, IReadOnlyDictionary<string, string>? metadata, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult<ObjectWriteStream>(new BlobWriteStream(this, new BlobPut(path, condition, new ObjectTraits(contentType, metadata))));
    }

    public async Task<ObjectInfo?> TryCopyAsync(
        LakePath source, string etag, LakePath target, PutCondition condition, CancellationToken cancellationToken)
    {
        if (!BlobPut.IsETag(etag))
            throw new ObjectNotFoundException(source);

        // The writer's id is the copy's own, and who gives metadata gives all of it. Whether the source is still the same, the copy tells.
        var put = new BlobPut(target, condition, new ObjectTraits(null, (await GetInfoAsync(source, cancellationToken))?.Metadata));
        if (put.CannotHold)
            return null;
        var options = new BlobCopyFromUriOptions
        {
            Metadata = put.Metadata,
            SourceConditions = new BlobRequestConditions { IfMatch = new ETag(etag) },
            DestinationConditions = put.Conditions,
        };
        try
        {
            await InContainerAsync(target, () => BlobOf(target).StartCopyFromUriAsync(BlobOf(source).Uri, options, cancellationToken), cancellationToken);
        }
        catch (RequestFailedException exception) when (exception.Status == 404)
        {
            throw new ObjectNotFoundException(source, exception);
        }
        catch (RequestFailedException exception) when (IsRefusal(exception))
        {
            if (await SettleAsync(put, exception, cancellationToken) is null)
                return await IsOfTargetAsync(put, source, etag, cancellationToken) ? null : throw new ObjectNotFoundException(source, exception);
        }
        catch (Exception exception) when (_endpoint.Explain(exception, cancellationToken) is { } failure)
        {
            throw failure;
        }

        return await FinishCopyAsync(target, cancellationToken);
    }

    public async Task<bool> TryDeleteAsync(LakePath path, string? etag, CancellationToken cancellationToken)
    {
        if (etag is not null && !BlobPut.IsETag(etag))
            return false;

        try
        {
            var conditions = etag is null ? null : new BlobRequestConditions { IfMatch = new ETag(etag) };
            await BlobOf(path).DeleteAsync(DeleteSnapshotsOption.None, conditions, cancellationToken);
            return true;
        }
        catch (RequestFailedException exception) when (exception.Status is 404 or 412)
        {
            return false;
        }
        catch (Exception exception) when (_endpoint.Explain(exception, cancellationToken) is { } failure)
        {
            throw failure;
        }
    }

    public async IAsyncEnumerable<ObjectInfo> ListAsync(
        LakePath prefix, LakePath? after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var options = new GetBlobsOptions { Prefix = prefix.Name + "/", Traits = BlobTraits.Metadata };
        var container = account.Blobs.GetBlobContainerClient(prefix.Container);
        await using var blobs = container.GetBlobsAsync(options, cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await MoveNextAsync(blobs, cancellationToken))
        {
            var blob = blobs.Current;
            if (LakePath.TryParse($"{prefix.Container}/{blob.Name}", out var path)
                && !IsFolder(blob.Metadata)
                && (after is null || string.CompareOrdinal(path.Value, after.Value.Value) > 0))
            {
                yield return Info(path, blob);
            }
        }
    }

    public string? TryGetLocalFile(LakePath path) => null;

    internal StorageEndpoint Endpoint => _endpoint;

    internal BlockBlobClient BlobOf(LakePath path) =>
        account.Blobs.GetBlobContainerClient(path.Container).GetBlockBlobClient(path.Name);

    /// <summary>Runs a write, creating the container when it is missing. Failures come out as the SDK throws them.</summary>
    internal async Task<T> InContainerAsync<T>(LakePath path, Func<Task<T>> write, CancellationToken cancellationToken)
    {
        try
        {
            return await write();
        }
        catch (RequestFailedException exception) when (exception.ErrorCode == BlobErrorCode.ContainerNotFound)
        {
            await account.Blobs.GetBlobContainerClient(path.Container).CreateIfNotExistsAsync(cancellationToken: cancellationToken);
            return await write();
        }
    }

    internal async Task<ObjectInfo?> PutAsync(BlobPut put, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var blob = BlobOf(put.Path);
        try
        {
            return await InContainerAsync(put.Path, UploadAsync, cancellationToken);
        }
        catch (RequestFailedException exception) when (put.IsConditional && IsRefusal(exception))
        {
            // Azurite takes blocks that somebody staged and never committed for the object itself. Committing blocks is judged rightly.
            return await SettleAsync(put, exception, cancellationToken) ?? (
                put.Condition.MustBeAbsent && await IsAbsentAsync(put.Path, cancellationToken)
                    ? await PutAsBlockAsync(put, content, cancellationToken)
                    : null);
        }
        catch (Exception exception) when (_endpoint.Explain(exception, cancellationToken) is { } failure)
        {
            throw failure;
        }

        async Task<ObjectInfo> UploadAsync()
        {
            using var body = MemoryStreams.Over(content);
            var options = new BlobUploadOptions { HttpHeaders = put.Headers, Metadata = put.Metadata, Conditions = put.Conditions };
            return Info(put, content.Length, (await blob.UploadAsync(body, options, cancellationToken)).Value);
        }
    }

    /// <summary>Gives staged blocks their name.</summary>
    internal async Task<ObjectInfo?> CommitAsync(BlobPut put, IEnumerable<string> blocks, long length, CancellationToken cancellationToken)
    {
        try
        {
            var options = new CommitBlockListOptions { HttpHeaders = put.Headers, Metadata = put.Metadata, Conditions = put.Conditions };
            return Info(put, length, (await BlobOf(put.Path).CommitBlockListAsync(blocks, options, cancellationToken)).Value);
        }
        catch (RequestFailedException exception) when (exception.ErrorCode == BlobErrorCode.InvalidBlockList && !put.IsConditional)
        {
            throw new TransientException($"'{put.Path}' was written by another at the same time.", exception);
        }
        catch (RequestFailedException exception) when (
            put.IsConditional && (IsRefusal(exception) || exception.ErrorCode == BlobErrorCode.InvalidBlockList))
        {
            // A commit of another discards the blocks staged here: then the list is what the service complains of.
            return await SettleAsync(put, exception, cancellationToken);
        }
        catch (Exception exception) when (_endpoint.Explain(exception, cancellationToken) is { } failure)
        {
            throw failure;
        }
    }

    /// <summary>Waits for the service, which copies within an account at once or, when it is much, after its answer.</summary>
    private async Task<ObjectInfo> FinishCopyAsync(LakePath target, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                if (await GetPropertiesAsync(target, cancellationToken) is not { } properties
                    || properties.BlobCopyStatus is CopyStatus.Aborted or CopyStatus.Failed)
                {
                    throw new TransientException($"The storage at {_endpoint.Host} did not finish its copy to '{target}'.");
                }

                if (properties.BlobCopyStatus != CopyStatus.Pending)
                    return Info(target, properties);
                await Task.Delay(CopyPause, cancellationToken);
            }
        }
        catch (Exception exception) when (_endpoint.Explain(exception, cancellationToken) is { } failure)
        {
            throw failure;
        }
    }

    private static bool IsRefusal(RequestFailedException exception) =>
        exception.Status == 412 || (exception.Status == 409 && exception.ErrorCode != "ContainerBeingDeleted");

    private static bool IsFolder(IDictionary<string, string>? metadata) =>
        metadata is not null && metadata.TryGetValue(FolderKey, out var value) && value.Equals("true", StringComparison.OrdinalIgnoreCase);

    private static string Text(ETag etag) => etag.ToString().Trim('"');

    private static ObjectInfo Info(BlobPut put, long length, BlobContentInfo info) =>
        new(put.Path, length, Text(info.ETag), info.LastModified, put.Headers.ContentType) { Metadata = put.Given };

    private static ObjectInfo Info(LakePath path, BlobProperties properties) =>
        new(path, properties.ContentLength, Text(properties.ETag), properties.LastModified, properties.ContentType) { Metadata = Given(properties.Metadata) };

    private static ObjectInfo Info(LakePath path, BlobItem blob) =>
        new(path, blob.Properties.ContentLength ?? 0, Text(blob.Properties.ETag!.Value), blob.Properties.LastModified!.Value, blob.Properties.ContentType)
        {
            Metadata = Given(blob.Metadata),
        };

    private static Dictionary<string, string>? Given(IDictionary<string, string>? metadata)
    {
        var given = metadata?.Where(pair => !IsOwn(pair.Key)).ToDictionary(pair => pair.Key.ToLowerInvariant(), pair => pair.Value, StringComparer.Ordinal);
        return given is { Count: > 0 } ? given : null;
    }

    private static bool IsOwn(string name) =>
        name.Equals(WriterKey, StringComparison.OrdinalIgnoreCase) || name.Equals(FolderKey, StringComparison.OrdinalIgnoreCase);

    /// <summary>After a refused conditional write: the object when the refusal is the echo of an own write that won, else null.</summary>
    private async Task<ObjectInfo?> SettleAsync(BlobPut put, RequestFailedException refusal, CancellationToken cancellationToken)
    {
        try
        {
            var properties = await GetPropertiesAsync(put.Path, cancellationToken);
            if (properties is null)
                return null;
            if (IsFolder(properties.Metadata))
            {
                throw new TerminalException(
                    FailureKind.Conflict, "PathConflict", $"'{put.Path}' cannot be written: it is a folder already.", "path", innerException: refusal);
            }

            return properties.Metadata.TryGetValue(WriterKey, out var writer) && writer == put.Writer ? Info(put.Path, properties) : null;
        }
        catch (Exception exception) when (_endpoint.Explain(exception, cancellationToken) is { } failure)
        {
            throw failure;
        }
    }

    /// <summary>Of a refused copy: whether the target's condition does not hold, rather than the source's.</summary>
    private async Task<bool> IsOfTargetAsync(BlobPut put, LakePath source, string etag, CancellationToken cancellationToken)
    {
        if (!put.IsConditional)
            return false;
        return put.Condition.MustBeAbsent
            ? !await IsAbsentAsync(put.Path, cancellationToken)
            : (await GetInfoAsync(source, cancellationToken))?.ETag == etag;
    }

    private async Task<bool> IsAbsentAsync(LakePath path, CancellationToken cancellationToken) =>
        await GetInfoAsync(path, cancellationToken) is null;

    private async Task<ObjectInfo?> PutAsBlockAsync(BlobPut put, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var stream = new BlobWriteStream(this, put, alwaysBlocks: true);
        await using (stream)
        {
            await stream.WriteAsync(content, cancellationToken);
            return await stream.CompleteAsync(cancellationToken);
        }
    }

    private async Task<BlobProperties?> GetPropertiesAsync(LakePath path, CancellationToken cancellationToken)
    {
        try
        {
            return (await BlobOf(path).GetPropertiesAsync(cancellationToken: cancellationToken)).Value;
        }
        catch (RequestFailedException exception) when (exception.Status == 404)
        {
            return null;
        }
    }

    private async Task<bool> MoveNextAsync(IAsyncEnumerator<BlobItem> blobs, CancellationToken cancellationToken)
    {
        try
        {
            return await blobs.MoveNextAsync();
        }
        catch (RequestFailedException exception) when (exception.ErrorCode == BlobErrorCode.ContainerNotFound)
        {
            return false;
        }
        catch (Exception exception) when (_endpoint.Explain(exception, cancellationToken) is { } failure)
        {
            throw failure;
        }
    }
}
