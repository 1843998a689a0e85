using System.Security.Cryptography;
using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Ingestion.Dedupe;
using DataPlatform.Ingestion.Readers;
using DataPlatform.Lake;
using DataPlatform.Operations;
using DataPlatform.Sql;
using DataPlatform.Tables;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace DataPlatform.Ingestion.Batches;

/// <summary>
/// Takes batches: claim, raw object, data files, quarantine file, commit, receipt, in this order. The commit is the truth: before it
/// nothing counts, after it everything else follows, by this request or by the timer.
/// </summary>
public sealed class BatchService
{
    private const int MaxKeyLength = 255;

    private readonly IObjectStore _objects;
    private readonly CatalogStore _catalog;
    private readonly DeltaTables _tables;
    private readonly ReceiptStore _receipts;
    private readonly DatasetProjections _projections;
    private readonly ClaimStore _claims;
    private readonly BatchAttempts _attempts;
    private readonly BatchLoader _loader;
    private readonly BatchCommitter _committer;
    private readonly ContractPlans _plans;
    private readonly ILogger<BatchService> _logger;

    public BatchService(
        IObjectStore objects,
        IRowStore rows,
        CatalogStore catalog,
        DeltaTables tables,
        TableMerge merge,
        WindowedAppend windowed,
        PartRewriter rewriter,
        KeyFiles keyFiles,
        ScratchFolder scratch,
        ReceiptStore receipts,
        DatasetProjections projections,
        IngestionLimits limits,
        ContractPlans plans,
        TimeProvider clock,
        IOptions<PlatformOptions> options,
        ILogger<BatchService> logger)
    {
        _objects = objects;
        _catalog = catalog;
        _tables = tables;
        _receipts = receipts;
        _projections = projections;
        _claims = new ClaimStore(rows, receipts, clock, options.Value.ClaimLease);
        _attempts = new BatchAttempts(_claims, receipts, clock, logger);
        _loader = new BatchLoader(objects, scratch, keyFiles, limits, options.Value.EventWindow);
        _committer = new BatchCommitter(tables, merge, windowed, rewriter);
        _plans = plans;
        _logger = logger;
    }

    /// <summary>Loads a batch, or finds it loaded.</summary>
    /// <returns>The receipt of the committed batch.</returns>
    /// <exception cref="TerminalException"><c>DatasetNotFound</c>; <c>UnsupportedMediaType</c>; <c>UnreadableFile</c>;
    /// <c>UnexpectedField</c> or <c>MissingField</c> (contract frozen); <c>BatchInProgress</c>; <c>IdempotencyKeyReused</c>.</exception>
    /// <exception cref="TransientException">The store did not answer; under an idempotency key the request can be repeated safely.</exception>
    public async Task<Receipt> IngestAsync(BatchRequest request, CancellationToken cancellationToken)
    {
        var entry = await _catalog.GetAsync<DatasetDefinition>(request.Dataset, cancellationToken);
        request = await request.UnwrapAsync(cancellationToken);

        var media = BatchMedia.Parse(request.ContentType, request.ContentEncoding);
        CheckKey(request.IdempotencyKey);
        var table = _tables.Get(new TableName(TableKind.Dataset, request.Dataset));
        var snapshot = await table.TryGetSnapshotAsync(null, cancellationToken);
        var outcome = await _claims.ClaimAsync(
            request.Dataset, request.Caller, request.IdempotencyKey, entry.Version, snapshot?.Version ?? -1, cancellationToken,
            request.Service);
        if (outcome.Done is { } done)
            return await RepeatAsync(done, request, cancellationToken);
        if (outcome.Upload is { } upload)
            throw ClaimStore.InProgress(upload, _claims.Now());

        FaultPoint.Pass("after-claim");
        return await _attempts.RunAsync(outcome.Claim!, request, lease => LoadAsync(lease, entry, snapshot, media, request), cancellationToken);
    }

    /// <summary>Loads an upload, or finds it loaded.</summary>
    /// <param name="waiting">Its claim as it was when the upload was accepted.</param>
    /// <returns>The receipt of the committed batch.</returns>
    /// <exception cref="TerminalException">As <see cref="IngestAsync"/>; <c>UploadChanged</c>, <c>UploadDamaged</c>, <c>UploadCanceled</c>.</exception>
    /// <exception cref="TransientException">The store did not answer, or another works on it: try again.</exception>
    internal async Task<Receipt> LoadAsync(BatchClaim waiting, BatchRequest request, CancellationToken cancellationToken)
    {
        var outcome = await _claims.TakeAsync(waiting, cancellationToken);
        if (outcome.Done is { } done)
            return done;

        FaultPoint.Pass("after-upload-claim");
        return await _attempts.RunAsync(outcome.Claim!, request, LoadAsync, cancellationToken);

        async Task<Receipt> LoadAsync(ClaimLease lease)
        {
            // Whoever accepted the upload looked at these; the dataset may be gone by now, and what a server calls a fetched file is known only now.
            var entry = await _catalog.GetAsync<DatasetDefinition>(request.Dataset, lease.Token);
            var media = BatchMedia.Parse(request.ContentType, request.ContentEncoding);
            var snapshot = await _tables.Get(new TableName(TableKind.Dataset, request.Dataset)).TryGetSnapshotAsync(null, lease.Token);
            return await this.LoadAsync(lease, entry, snapshot, media, request);
        }
    }

    /// <summary>Rejects an upload whose bytes cannot be had; nothing when it is loaded already.</summary>
    /// <param name="waiting">Its claim as it was when the upload was accepted.</param>
    /// <exception cref="TransientException">The store did not answer, or another works on it: try again.</exception>
    internal async Task RefuseAsync(BatchClaim waiting, TerminalException failure, CancellationToken cancellationToken)
    {
        if ((await _claims.TakeAsync(waiting, cancellationToken)).Claim is { } claim)
            await _attempts.RejectAsync(claim, failure, cancellationToken);
    }

    /// <returns>Null when there is no such batch.</returns>
    public async Task<Receipt?> FindReceiptAsync(string id, CancellationToken cancellationToken)
    {
        // The claim first: what is settled between the two reads has its receipt by then.
        var claim = await _claims.FindAsync(id, cancellationToken);
        var receipt = await _receipts.FindAsync(id, cancellationToken);
        if (receipt?.State != ReceiptState.Committed && BatchId.TryGetDataset(id, out var dataset)
            && await _catalog.FindAsync<DatasetDefinition>(dataset, cancellationToken) is not null)
        {
            // What is committed is known to its sender; the projection may be a moment behind.
            await _projections.AdvanceReceiptsAsync(dataset, null, cancellationToken);
            receipt = await _receipts.FindAsync(id, cancellationToken);
        }

        if (claim is null || receipt?.State == ReceiptState.Committed)
            return receipt;
        return claim.ToReceipt(ReceiptState.InProgress);
    }

    /// <exception cref="TerminalException"><c>ReceiptNotFound</c>.</exception>
    public async Task<Receipt> GetReceiptAsync(string id, CancellationToken cancellationToken) =>
        await FindReceiptAsync(id, cancellationToken)
        ?? throw new TerminalException(FailureKind.NotFound, "ReceiptNotFound", $"There is no receipt '{id}'.", "id");

    /// <summary>The broken rows of a committed batch as NDJSON; empty when there are none.</summary>
    /// <exception cref="TerminalException"><c>ReceiptNotFound</c>: the dataset has no such committed batch.</exception>
    public async Task<Stream> OpenQuarantineAsync(string dataset, string batchId, CancellationToken cancellationToken)
    {
        if (await FindReceiptAsync(batchId, cancellationToken) is not { State: ReceiptState.Committed } receipt || receipt.Dataset != dataset)
            throw new TerminalException(FailureKind.NotFound, "ReceiptNotFound", $"The dataset '{dataset}' has no committed batch '{batchId}'.", "batch");
        if (receipt.Quarantine is not { } path)
            return Stream.Null;
        try
        {
            return await _objects.OpenReadAsync(LakePath.Parse(path), receipt.QuarantineRange, cancellationToken);
        }
        catch (ObjectNotFoundException)
        {
            throw new TerminalException(FailureKind.Gone, "QuarantineExpired", $"The broken rows of batch '{batchId}' were removed after their time.", "batch");
        }
    }

    internal static void CheckKey(string? key)
    {
        if (key is not null && (key.Length is 0 or > MaxKeyLength || key.AsSpan().ContainsAnyExceptInRange(' ', '~')))
            throw new TerminalException(FailureKind.Invalid, "InvalidIdempotencyKey",
                $"An Idempotency-Key has 1 to {MaxKeyLength} printable ASCII characters.", "Idempotency-Key");
    }

    private async Task<Receipt> LoadAsync(
        ClaimLease lease, CatalogEntry<DatasetDefinition> entry, Snapshot? snapshot, BatchMedia media, BatchRequest request)
    {
        var (commit, batch) = await WorkAsync(lease, entry, snapshot, media, request);
        await FollowAsync(lease, commit);
        var receipt = Receipt.Of(request.Dataset, batch, commit);
        Log.Committed(_logger, receipt.Id, receipt.Attempt, receipt.Loaded, receipt.Received, commit.Version);
        return receipt;
    }

    private async Task<(Commit Commit, CommittedBatch Batch)> WorkAsync(
        ClaimLease lease, CatalogEntry<DatasetDefinition> entry, Snapshot? snapshot, BatchMedia media, BatchRequest request)
    {
        var claim = lease.Claim;
        if (claim.Attempt > 1 && await _committer.FindAsync(claim, lease.Token) is { } found)
        {
            var sent = request.Stored is { } stored ? stored.Sha256 ?? found.Batch.Sha256 : await HashAsync(request.Body, lease.Token);
            EnsureSameBody(found.Batch.Sha256, sent, claim.Id);
            return found;
        }

        var definition = claim.DefinitionVersion == entry.Version
            ? entry.Definition
            : (await _catalog.GetAsync<DatasetDefinition>(claim.Dataset, claim.DefinitionVersion, lease.Token)).Definition;
        var plan = await _plans.GetAsync(definition, claim.DefinitionVersion, lease.Token);
        var load = await _loader.LoadAsync(claim, plan, snapshot, media, request, lease.Token);
        EnsureUndamaged(request.Stored, load.Batch.Sha256);
        request.Progress?.ThrowIfCanceled();
        var committed = await _committer.CommitAsync(definition, claim, load, lease.Token);
        EnsureSameBody(committed.Batch.Sha256, load.Batch.Sha256, claim.Id);
        return committed;
    }

    private async Task<Receipt> RepeatAsync(Receipt done, BatchRequest request, CancellationToken cancellationToken)
    {
        EnsureSameBody(done.Sha256!, await HashAsync(request.Body, cancellationToken), done.Id);
        return done;
    }

    internal static async Task<string> HashAsync(Stream body, CancellationToken cancellationToken) =>
        Convert.ToHexStringLower(await SHA256.HashDataAsync(body, cancellationToken));

    internal static void EnsureSameBody(string known, string sent, string batchId)
    {
        if (known != sent)
            throw new TerminalException(FailureKind.Unprocessable, "IdempotencyKeyReused",
                $"This Idempotency-Key stands for the batch '{batchId}', which had another body. Nothing was stored. Take a new key for new data.",
                "Idempotency-Key");
    }

    private static void EnsureUndamaged(StoredBody? stored, string loaded)
    {
        if (stored?.Sha256 is { } announced && announced != loaded)
            throw new TerminalException(FailureKind.Unprocessable, "UploadDamaged",
                $"The uploaded bytes have the SHA-256 {loaded}, not {announced} as was said. Nothing was loaded. Upload them again.", "sha256");
    }

    private async Task FollowAsync(ClaimLease lease, Commit commit)
    {
        try
        {
            // The sender may have gone; the receipt is due all the same.
            await _projections.AdvanceAsync(lease.Claim.Dataset, commit.Version, CancellationToken.None);
            FaultPoint.Pass("before-claim-end");
            await lease.EndAsync(CancellationToken.None);
        }
        catch (Exception fault) when (fault is TransientException or TerminalException)
        {
            Log.NotProjected(_logger, lease.Claim.Id, fault);
        }
    }
}
