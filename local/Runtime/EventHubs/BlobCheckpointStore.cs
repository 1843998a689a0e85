using System.Globalization;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace DataPlatform.Local.Runtime.EventHubs;

/// <summary>Empty blobs with metadata, laid out as the official clients do, so that they and this one share a consumer group:
/// <c>{namespace}/{hub}/{group}/ownership/{partition}</c> and <c>…/checkpoint/{partition}</c>, in lower case.</summary>
/// <param name="client">Told in checkpoints: whoever looks into one learns who wrote it.</param>
internal sealed class BlobCheckpointStore(BlobContainerClient container, string space, string hub, string group, string client) : ICheckpointStore
{
    /// <summary>The container of the official extension.</summary>
    public const string Container = "azure-webjobs-eventhub";

    private const string Owner = "ownerid";
    private const string Offset = "offset";
    private const string SequenceNumber = "sequencenumber";
    private const string Client = "clientidentifier";

    private readonly string _prefix = $"{space}/{hub}/{group}/".ToLowerInvariant();
    private bool _isThere;

    public async Task<IReadOnlyList<Ownership>> ListAsync(CancellationToken cancellationToken)
    {
        if (!_isThere)
        {
            await container.CreateIfNotExistsAsync(cancellationToken: cancellationToken);
            _isThere = true;
        }

        var prefix = $"{_prefix}ownership/";
        var found = new List<Ownership>();
        await foreach (var blob in container.GetBlobsAsync(BlobTraits.Metadata, BlobStates.None, prefix, cancellationToken))
        {
            found.Add(new Ownership(
                blob.Name[prefix.Length..],
                blob.Metadata.TryGetValue(Owner, out var owner) ? owner : "",
                blob.Properties.LastModified ?? default,
                blob.Properties.ETag?.ToString()));
        }

        return found;
    }

    public async Task<Ownership?> ClaimAsync(Ownership ownership, CancellationToken cancellationToken)
    {
        var blob = container.GetBlobClient($"{_prefix}ownership/{ownership.Partition}");
        var metadata = new Dictionary<string, string> { [Owner] = ownership.Owner };
        try
        {
            if (ownership.Version is { } version)
            {
                var set = await blob.SetMetadataAsync(metadata, new BlobRequestConditions { IfMatch = new ETag(version) }, cancellationToken);
                return ownership with { Changed = set.Value.LastModified, Version = set.Value.ETag.ToString() };
            }

            var made = await blob.UploadAsync(
                Stream.Null, new BlobUploadOptions { Metadata = metadata, Conditions = new BlobRequestConditions { IfNoneMatch = ETag.All } }, cancellationToken);
            return ownership with { Changed = made.Value.LastModified, Version = made.Value.ETag.ToString() };
        }
        catch (RequestFailedException exception) when (exception.Status is 409 or 412 || exception.ErrorCode == BlobErrorCode.BlobNotFound)
        {
            return null;
        }
    }

    public async Task<Checkpoint?> ReadAsync(string partition, CancellationToken cancellationToken)
    {
        try
        {
            var properties = await container.GetBlobClient(CheckpointOf(partition)).GetPropertiesAsync(cancellationToken: cancellationToken);
            var metadata = properties.Value.Metadata;
            var number = metadata.TryGetValue(SequenceNumber, out var text) && long.TryParse(text, CultureInfo.InvariantCulture, out var parsed) ? parsed : (long?)null;
            var offset = metadata.TryGetValue(Offset, out var given) && given.Length > 0 ? given : null;
            return offset is null && number is null ? null : new Checkpoint(offset, number);
        }
        catch (RequestFailedException exception) when (exception.Status == 404)
        {
            return null;
        }
    }

    public async Task WriteAsync(string partition, Checkpoint checkpoint, CancellationToken cancellationToken)
    {
        var blob = container.GetBlobClient(CheckpointOf(partition));
        var metadata = new Dictionary<string, string>
        {
            [Offset] = checkpoint.Offset ?? "",
            [SequenceNumber] = checkpoint.SequenceNumber?.ToString(CultureInfo.InvariantCulture) ?? "",
            [Client] = client,
        };
        try
        {
            await blob.SetMetadataAsync(metadata, cancellationToken: cancellationToken);
        }
        catch (RequestFailedException exception) when (exception.ErrorCode == BlobErrorCode.BlobNotFound)
        {
            await blob.UploadAsync(Stream.Null, new BlobUploadOptions { Metadata = metadata }, cancellationToken);
        }
    }

    private string CheckpointOf(string partition) => $"{_prefix}checkpoint/{partition}";
}
