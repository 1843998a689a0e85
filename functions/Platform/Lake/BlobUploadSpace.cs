using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Azure.Storage.Sas;

namespace DataPlatform.Lake;

/// <summary>Addresses with a shared access signature, by the account's key or, with a managed identity, by a user delegation key.</summary>
public sealed class BlobUploadSpace(StorageAccount account) : IUploadSpace
{
    /// <summary>What the blob service takes as one block.</summary>
    public const long MaxBlockBytes = 4000L << 20;

    /// <summary>A user delegation key lives for seven days at most.</summary>
    public static readonly TimeSpan LongestLife = TimeSpan.FromDays(7);

    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(5);

    public async Task<Uri?> TryCreateAddressAsync(LakePath path, DateTimeOffset now, DateTimeOffset expires, CancellationToken cancellationToken)
    {
        var starts = now - Skew;
        var blob = BlobOf(path);
        var signature = new BlobSasBuilder(BlobSasPermissions.Create | BlobSasPermissions.Write, expires < starts + LongestLife ? expires : starts + LongestLife)
        {
            BlobContainerName = path.Container,
            BlobName = path.Name,
            Resource = "b",
            StartsOn = starts,
            // Azurite serves plain http, Azure is spoken to by https only.
            Protocol = blob.Uri.Scheme == Uri.UriSchemeHttps ? SasProtocol.Https : SasProtocol.HttpsAndHttp,
        };
        try
        {
            // Blocks, unlike our own writes, do not bring the container into being.
            await account.Blobs.GetBlobContainerClient(path.Container).CreateIfNotExistsAsync(cancellationToken: cancellationToken);
            if (blob.CanGenerateSasUri)
                return blob.GenerateSasUri(signature);

            var key = (await account.Blobs.GetUserDelegationKeyAsync(starts, signature.ExpiresOn, cancellationToken)).Value;
            return new BlobUriBuilder(blob.Uri) { Sas = signature.ToSasQueryParameters(key, account.Blobs.AccountName) }.ToUri();
        }
        catch (Exception exception) when (account.BlobEndpoint.Explain(exception, cancellationToken) is { } failure)
        {
            throw failure;
        }
    }

    public async Task<UploadBlocks> ListBlocksAsync(LakePath path, CancellationToken cancellationToken)
    {
        try
        {
            var list = (await BlobOf(path).GetBlockListAsync(BlockListTypes.All, cancellationToken: cancellationToken)).Value;
            return new UploadBlocks([.. list.CommittedBlocks.Select(Read)], [.. list.UncommittedBlocks.Select(Read)]);
        }
        catch (RequestFailedException exception) when (exception.Status == 404)
        {
            return new UploadBlocks([], []);
        }
        catch (Exception exception) when (account.BlobEndpoint.Explain(exception, cancellationToken) is { } failure)
        {
            throw failure;
        }
    }

    private static UploadBlock Read(BlobBlock block) => new(block.Name, block.SizeLong);

    private BlockBlobClient BlobOf(LakePath path) => account.Blobs.GetBlobContainerClient(path.Container).GetBlockBlobClient(path.Name);
}
