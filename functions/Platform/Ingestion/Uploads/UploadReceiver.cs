using System.Security.Cryptography;
using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Ingestion.Batches;
using DataPlatform.Ingestion.Readers;
using DataPlatform.Lake;
using DataPlatform.Operations;
using DataPlatform.Tables;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace DataPlatform.Ingestion.Uploads;

/// <summary>Takes batches that are to be loaded later: claim, stored body, row of the upload, in this order. Once the row is there, the batch
/// will be loaded.</summary>
public sealed class UploadReceiver
{
    private const int BufferSize = 128 << 10;

    private readonly IObjectStore _objects;
    private readonly CatalogStore _catalog;
    private readonly DeltaTables _tables;
    private readonly UploadStore _uploads;
    private readonly ClaimStore _claims;
    private readonly BatchAttempts _attempts;
    private readonly TimeProvider _clock;

    public UploadReceiver(
        IObjectStore objects,
        IRowStore rows,
        CatalogStore catalog,
        DeltaTables tables,
        ReceiptStore receipts,
        UploadStore uploads,
        TimeProvider clock,
        IOptions<PlatformOptions> options,
        ILogger<UploadReceiver> logger)
    {
        _objects = objects;
        _catalog = catalog;
        _tables = tables;
        _uploads = uploads;
        _claims = new ClaimStore(rows, receipts, clock, options.Value.ClaimLease);
        _attempts = new BatchAttempts(_claims, receipts, clock, logger);
        _clock = clock;
    }

    /// <summary>Stores a batch's body, or finds the batch of an earlier request with its key.</summary>
    /// <exception cref="TerminalException">As <see cref="BatchService.IngestAsync"/>, as far as the body need not be read for it.</exception>
    /// <exception cref="TransientException">The store did not answer; under an idempotency key the request can be repeated safely.</exception>
    public async Task<UploadStart> ReceiveAsync(BatchRequest request, CancellationToken cancellationToken)
    {
        var entry = await _catalog.GetAsync<DatasetDefinition>(request.Dataset, cancellationToken);
        request = await request.UnwrapAsync(cancellationToken);
        _ = BatchMedia.Parse(request.ContentType, request.ContentEncoding);
        return await StartAsync(request, entry.Version, () => BatchService.HashAsync(request.Body, cancellationToken), StoreAsync, cancellationToken);

        async Task<Upload> StoreAsync(Upload upload, CancellationToken token)
        {
            var (info, sha256) = await LandAsync(upload, request.Body, token);
            return upload with { Bytes = info.Length, ETag = info.ETag, Sha256 = sha256, RequestSha256 = sha256 };
        }
    }

    /// <summary>Claims a batch and makes it an upload, or finds what an earlier request with its key made.</summary>
    /// <param name="hash">The SHA-256 that tells the request from others, asked for when its key is known.</param>
    /// <param name="fill">Completes the row of a new upload; what it throws decides on the claim as with any batch.</param>
    internal async Task<UploadStart> StartAsync(
        BatchRequest request, long definitionVersion, Func<Task<string>> hash, Func<Upload, CancellationToken, Task<Upload>> fill, CancellationToken cancellationToken)
    {
        BatchService.CheckKey(request.IdempotencyKey);
        var snapshot = await _tables.Get(new TableName(TableKind.Dataset, request.Dataset)).TryGetSnapshotAsync(null, cancellationToken);
        var outcome = await _claims.ClaimAsync(
            request.Dataset, request.Caller, request.IdempotencyKey, definitionVersion, snapshot?.Version ?? -1, cancellationToken,
            request.Service);
        if ((outcome.Done?.Id ?? outcome.Upload?.Id) is { } known)
        {
            var earlier = await _uploads.FindAsync(known, cancellationToken);
            if (earlier is { Status: UploadStatus.Failed or UploadStatus.Canceled })
                earlier = null; // what is committed came later, by a request that waited
            BatchService.EnsureSameBody(earlier?.RequestSha256 ?? outcome.Done?.Sha256 ?? "", await hash(), known);
            return new UploadStart(earlier, outcome.Done);
        }

        FaultPoint.Pass("after-claim");
        return await _attempts.RunAsync(outcome.Claim!, request, lease => StoreAsync(lease, request, fill), cancellationToken);
    }

    private async Task<UploadStart> StoreAsync(ClaimLease lease, BatchRequest request, Func<Upload, CancellationToken, Task<Upload>> fill)
    {
        var claim = lease.Claim;
        var earlier = claim.Key is null ? null : await _uploads.FindAsync(claim.Id, lease.Token);
        var round = (earlier?.Round ?? 0) + 1;
        var upload = await fill(
            new Upload
            {
                Id = claim.Id,
                Dataset = claim.Dataset,
                Caller = claim.Caller,
                Origin = UploadOrigin.Body,
                Stage = UploadStage.Waiting,
                ContentType = request.ContentType ?? "",
                ContentEncoding = string.IsNullOrWhiteSpace(request.ContentEncoding) ? null : request.ContentEncoding,
                Created = claim.Started,
                Completed = _clock.GetUtcNow(),
                Round = round,
                Place = round,
                Claim = claim,
            },
            lease.Token);
        FaultPoint.Pass("after-body");
        await _uploads.MarkPendingAsync(upload, lease.Token);
        await _uploads.PutAsync(upload, lease.Token);
        FaultPoint.Pass("after-upload");
        await lease.ParkAsync(lease.Token);
        return new UploadStart(upload, null);
    }

    private async Task<(ObjectInfo Info, string Sha256)> LandAsync(Upload upload, Stream body, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using var target = await _objects.OpenWriteAsync(upload.Object, PutCondition.None, upload.ContentType, cancellationToken);
        var buffer = new byte[BufferSize];
        for (int read; (read = await body.ReadAsync(buffer, cancellationToken)) > 0;)
        {
            hash.AppendData(buffer, 0, read);
            await target.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
        }

        var info = await target.CompleteAsync(cancellationToken) ?? throw new TransientException($"The upload '{upload.Id}' could not be stored.");
        return (info, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }
}
