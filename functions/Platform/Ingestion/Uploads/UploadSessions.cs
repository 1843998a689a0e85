using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Ingestion.Batches;
using DataPlatform.Ingestion.Readers;
using DataPlatform.Lake;
using DataPlatform.Operations;
using DataPlatform.Tables;
using Microsoft.Extensions.Options;

namespace DataPlatform.Ingestion.Uploads;

/// <summary>Upload sessions: their sender writes blocks to an address that only lets him do that, then completes the session. From then on what he wrote is
/// loaded as it was at that moment, or not at all.</summary>
public sealed class UploadSessions
{
    /// <summary>Blocks of this size pass over slow lines and are enough for 400 GB.</summary>
    private const long UsualBlock = 8 << 20;

    private readonly IObjectStore _objects;
    private readonly IUploadSpace _space;
    private readonly CatalogStore _catalog;
    private readonly DeltaTables _tables;
    private readonly UploadStore _uploads;
    private readonly UploadAddresses _addresses;
    private readonly ClaimStore _claims;
    private readonly PlatformOptions _options;

    public UploadSessions(
        IObjectStore objects,
        IUploadSpace space,
        IRowStore rows,
        CatalogStore catalog,
        DeltaTables tables,
        ReceiptStore receipts,
        UploadStore uploads,
        UploadAddresses addresses,
        TimeProvider clock,
        IOptions<PlatformOptions> options)
    {
        _objects = objects;
        _space = space;
        _catalog = catalog;
        _tables = tables;
        _uploads = uploads;
        _addresses = addresses;
        _options = options.Value;
        _claims = new ClaimStore(rows, receipts, clock, options.Value.ClaimLease);
    }

    /// <summary>Begins a session, or finds the one that the same caller began with the same key; its address is a new one then.</summary>
    /// <param name="ownAddress">Puts the scheme and host before an address of the platform's own.</param>
    /// <exception cref="TerminalException"><c>DatasetNotFound</c>, <c>UnsupportedMediaType</c>, <c>InvalidIdempotencyKey</c>, <c>IdempotencyKeyReused</c>.</exception>
    public async Task<UploadSession> BeginAsync(
        string dataset, string caller, string? idempotencyKey, SessionRequest request, Func<string, string> ownAddress, CancellationToken cancellationToken)
    {
        _ = await _catalog.GetAsync<DatasetDefinition>(dataset, cancellationToken);
        _ = BatchMedia.Parse(request.ContentType, request.ContentEncoding);
        BatchService.CheckKey(idempotencyKey);
        var largest = _space is FolderUploadSpace ? _options.MaxBodyBytes : BlobUploadSpace.MaxBlockBytes;
        if (request.Bytes > largest * FolderUploadSpace.MaxBlocks)
        {
            throw new TerminalException(FailureKind.TooLarge, "UploadTooLarge",
                $"An upload has at most {largest * FolderUploadSpace.MaxBlocks} bytes, not {request.Bytes}: divide the file into several.", "$.bytes");
        }

        var now = _claims.Now();
        var upload = await _uploads.BeginAsync(
            new Upload
            {
                Id = BatchId.Create(dataset, now),
                Dataset = dataset,
                Caller = caller,
                Origin = UploadOrigin.Blocks,
                Stage = UploadStage.Receiving,
                ContentType = request.ContentType!,
                ContentEncoding = request.ContentEncoding,
                Created = now,
                Expires = now + _options.UploadLife,
                ExpectedBytes = request.Bytes,
                Sha256 = request.Sha256,
            },
            idempotencyKey is null ? null : ClaimStore.KeyOf(caller, dataset, idempotencyKey),
            request.Hash(),
            cancellationToken);

        var expires = upload.Expires!.Value < now + BlobUploadSpace.LongestLife ? upload.Expires.Value : now + BlobUploadSpace.LongestLife;
        var url = (await _space.TryCreateAddressAsync(upload.Object, now, expires, cancellationToken))?.AbsoluteUri
            ?? ownAddress(await _addresses.CreateAsync(upload, expires, cancellationToken));
        var block = Math.Max(Math.Min(UsualBlock, _options.MaxBodyBytes), (request.Bytes ?? 0) / FolderUploadSpace.MaxBlocks + 1);
        return new UploadSession(upload.Id, upload.Status, url, expires, upload.Expires.Value, block, FolderUploadSpace.MaxBlocks, new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["self"] = UploadInfo.AddressOf(upload),
            ["blocks"] = UploadInfo.AddressOf(upload) + "/blocks",
            ["complete"] = UploadInfo.AddressOf(upload) + "/complete",
        });
    }

    /// <summary>The blocks that are there, for those who go on with a transfer.</summary>
    /// <exception cref="TerminalException"><c>UploadNotFound</c>.</exception>
    public async Task<UploadBlocks> ListBlocksAsync(string dataset, string id, CancellationToken cancellationToken) =>
        await _space.ListBlocksAsync((await _uploads.GetAsync(dataset, id, cancellationToken)).Object, cancellationToken);

    /// <summary>Accepts what was written; to be repeated at will. What was given up is loaded from its kept bytes, wherever those came from.</summary>
    /// <exception cref="TerminalException"><c>UploadNotFound</c>, <c>UploadExpired</c>, <c>UploadCanceled</c>, <c>UploadEmpty</c>, <c>UploadSizeDiffers</c>,
    /// <c>UploadChanged</c>: another ETag; <c>UploadCompleted</c>: by another request, with other bytes.</exception>
    public async Task<Upload> CompleteAsync(string dataset, string id, SessionRequest request, CancellationToken cancellationToken)
    {
        var upload = await _uploads.GetAsync(dataset, id, cancellationToken);
        if (upload.KeptUntil is not null)
            return await RestartAsync(EnsureSame(upload, request), cancellationToken);
        if (EnsureOpen(upload, _claims.Now()))
            return EnsureSame(upload, request);

        var info = await _objects.GetInfoAsync(upload.Object, cancellationToken);
        if (info is null or { Length: 0 })
        {
            throw new TerminalException(FailureKind.Conflict, "UploadEmpty",
                "There are no bytes to load: nothing was written, or the blocks were not committed. Commit the list of blocks (Put Block List), then complete the upload.");
        }

        if (request.ETag is not null && request.ETag != info.ETag)
            throw new TerminalException(FailureKind.PreconditionFailed, "UploadChanged", "What lies there has another ETag: it was written again. Take the ETag of the last write.", "etag");
        if (upload.ExpectedBytes is { } expected && expected != info.Length)
        {
            throw new TerminalException(FailureKind.Conflict, "UploadSizeDiffers",
                $"{info.Length} bytes were written, {expected} were announced. Write what is missing, or begin another upload.", "bytes");
        }

        var sha256 = upload.Sha256 ?? request.Sha256;
        if (request.Sha256 is not null && request.Sha256 != sha256)
            throw new TerminalException(FailureKind.Conflict, "UploadDamaged", "When the upload began another SHA-256 was announced.", "sha256");

        var entry = await _catalog.GetAsync<DatasetDefinition>(dataset, cancellationToken);
        var snapshot = await _tables.Get(new TableName(TableKind.Dataset, dataset)).TryGetSnapshotAsync(null, cancellationToken);
        var claim = _claims.CreateWaiting(upload.Id, dataset, upload.Caller, entry.Version, snapshot?.Version ?? -1);
        await _uploads.MarkPendingAsync(upload, cancellationToken);
        upload = await _uploads.UpdateAsync(
            id,
            now => EnsureOpen(now, claim.Started)
                ? now
                : now with { Stage = UploadStage.Waiting, Completed = claim.Started, Bytes = info.Length, ETag = info.ETag, Sha256 = sha256, Claim = claim },
            cancellationToken);
        EnsureSame(upload, request);

        // The one whose claim the row has inserts it, unless all was over meanwhile: then nobody would end it.
        if (upload.Claim == claim && await _claims.TryInsertAsync(claim, cancellationToken) && (await _uploads.GetAsync(id, cancellationToken)).HasEnded)
            await _claims.TryUnparkAsync(id, cancellationToken);
        FaultPoint.Pass("after-complete");
        return upload;
    }

    /// <summary>Ends an upload that was not completed; asks one that was to end before its commit.</summary>
    /// <exception cref="TerminalException"><c>UploadNotFound</c>; <c>UploadEnded</c>: it is loaded, or has failed.</exception>
    public async Task<Upload> CancelAsync(string dataset, string id, CancellationToken cancellationToken)
    {
        _ = await _uploads.GetAsync(dataset, id, cancellationToken);
        var upload = await _uploads.UpdateAsync(
            id,
            upload => upload switch
            {
                { Status: UploadStatus.Canceled } or { HasEnded: false, CancelRequested: true } => upload,
                { KeptUntil: not null } => upload with { Status = UploadStatus.Canceled, KeptUntil = null, Fetch = null, Fetched = null },
                { HasEnded: true } => throw new TerminalException(FailureKind.Conflict, "UploadEnded", $"The upload has ended ({upload.Status}) and cannot be canceled any more."),
                { Stage: UploadStage.Receiving } => upload with { Status = UploadStatus.Canceled, Stage = null, Ended = _claims.Now() },
                _ => upload with { CancelRequested = true },
            },
            cancellationToken);
        if (upload.HasEnded)
            await _objects.ClearUploadAsync(upload, cancellationToken);
        return upload;
    }

    /// <summary>Begins anew with the bytes that were kept.</summary>
    private async Task<Upload> RestartAsync(Upload kept, CancellationToken cancellationToken)
    {
        var now = _claims.Now();
        await _uploads.MarkPendingAsync(kept.Again(now), cancellationToken);
        var upload = await _uploads.UpdateAsync(
            kept.Id,
            upload => upload.Round != kept.Round || upload.KeptUntil is not { } until ? upload
                : until > now ? upload.Again(now)
                : throw new TerminalException(FailureKind.Gone, UploadFailures.Expired, $"The upload's bytes were kept until {until:u}. Begin another."),
            cancellationToken);
        if (!upload.HasEnded)
            await _claims.RestoreAsync(upload.Claim!, cancellationToken);
        return upload;
    }

    /// <returns>False when it can be written and completed; true when it was completed already.</returns>
    internal static bool EnsureOpen(Upload upload, DateTimeOffset now)
    {
        if (upload.Completed is not null)
            return true;
        if (upload.Status == UploadStatus.Canceled)
            throw new TerminalException(FailureKind.Conflict, UploadFailures.Canceled, "The upload was canceled. Begin another.");
        return upload.HasEnded || upload.Expires <= now
            ? throw new TerminalException(FailureKind.Gone, UploadFailures.Expired, $"The upload was not completed until {upload.Expires:u} and has expired. Begin another.")
            : false;
    }

    private static Upload EnsureSame(Upload completed, SessionRequest request) =>
        (request.ETag ?? completed.ETag) == completed.ETag && (request.Sha256 ?? completed.Sha256) == completed.Sha256
            ? completed
            : throw new TerminalException(FailureKind.Conflict, "UploadCompleted", "The upload was completed already, with other bytes. Begin another for these.");
}
