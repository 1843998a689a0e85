using System.Security.Cryptography;
using System.Text.Json;
using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Ingestion.Batches;

namespace DataPlatform.Ingestion.Uploads.Fetch;

/// <summary>Takes requests to fetch a batch from a URL.</summary>
public sealed class FetchReceiver(UploadReceiver uploads, UrlFetcher fetcher, CatalogStore catalog)
{
    /// <summary>Looks whether a request brings rows or a URL.</summary>
    /// <exception cref="TerminalException">As <see cref="FetchBody.OpenAsync"/>.</exception>
    public async Task<FetchBody> OpenAsync(BatchRequest request, CancellationToken cancellationToken)
    {
        var entry = await catalog.FindAsync<DatasetDefinition>(request.Dataset, cancellationToken);
        return await FetchBody.OpenAsync(request.ContentType, request.ContentEncoding, request.Body, entry?.Definition, cancellationToken);
    }

    /// <summary>Makes a request to fetch an upload, or finds what an earlier one with its key made.</summary>
    /// <exception cref="TerminalException">As <see cref="UploadReceiver.ReceiveAsync"/> and <see cref="UrlFetcher.Check"/>.</exception>
    public async Task<UploadStart> ReceiveAsync(BatchRequest request, FetchRequest fetch, CancellationToken cancellationToken)
    {
        var entry = await catalog.GetAsync<DatasetDefinition>(request.Dataset, cancellationToken);
        fetcher.Check(fetch);
        var hash = Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(fetch, PlatformJson.Options)));
        request = request with { ContentType = fetch.ContentType, ContentEncoding = fetch.ContentEncoding, Body = Stream.Null };
        return await uploads.StartAsync(request, entry.Version, () => Task.FromResult(hash), FillAsync, cancellationToken);

        Task<Upload> FillAsync(Upload upload, CancellationToken token) => Task.FromResult(upload with
        {
            Origin = UploadOrigin.Url,
            Url = fetch.ShownUrl,
            Fetch = fetch,
            ExpectedBytes = fetch.Bytes,
            Sha256 = fetch.Sha256,
            RequestSha256 = hash,
        });
    }
}
