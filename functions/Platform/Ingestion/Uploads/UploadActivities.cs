using DataPlatform.Failures;
using DataPlatform.Ingestion.Batches;
using DataPlatform.Ingestion.Uploads.Fetch;
using DataPlatform.Lake;
using DataPlatform.Operations;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace DataPlatform.Ingestion.Uploads;

/// <summary>The activities that load an upload. Each can be repeated at any time, also while an earlier call of it still works: the batch is
/// committed once.</summary>
public sealed class UploadActivities
{
    private readonly UploadStore _uploads;
    private readonly BatchService _batches;
    private readonly IObjectStore _objects;
    private readonly UrlFetcher _fetcher;
    private readonly ClaimStore _claims;
    private readonly ActivityAttempt _attempt;
    private readonly TimeProvider _clock;
    private readonly TimeSpan _life;
    private readonly ILogger<UploadActivities> _logger;

    public UploadActivities(
        UploadStore uploads,
        BatchService batches,
        UrlFetcher fetcher,
        IObjectStore objects,
        IRowStore rows,
        ReceiptStore receipts,
        ActivityAttempt attempt,
        TimeProvider clock,
        IOptions<PlatformOptions> options,
        ILogger<UploadActivities> logger)
    {
        _uploads = uploads;
        _batches = batches;
        _fetcher = fetcher;
        _objects = objects;
        _claims = new ClaimStore(rows, receipts, clock, options.Value.ClaimLease);
        _attempt = attempt;
        _clock = clock;
        _life = options.Value.UploadLife;
        _logger = logger;
    }

    /// <param name="instance">The orchestration that asks. What is begun again since then is not its business any more.</param>
    public Task<UploadBegun> BeginAsync(string id, string instance, CancellationToken cancellationToken) => _attempt.RunAsync(
        id,
        async () =>
        {
            var upload = await _uploads.UpdateAsync(
                id,
                upload => upload.Status == UploadStatus.NotStarted && upload.Instance == instance ? upload with { Status = UploadStatus.Running, Started = _clock.GetUtcNow() } : upload,
                cancellationToken);
            await _uploads.ClearPendingAsync(instance, cancellationToken);
            return new UploadBegun(upload.Origin, upload.HasEnded || upload.Instance != instance, null);
        },
        failure => new UploadBegun(UploadOrigin.Body, HasEnded: false, failure));

    public Task<ActivityOutcome> LoadAsync(string id, CancellationToken cancellationToken) => _attempt.RunAsync(
        id,
        async () =>
        {
            var upload = await _uploads.GetAsync(id, cancellationToken);
            if (!upload.HasEnded)
                await LoadAsync(upload, cancellationToken);
            return new ActivityOutcome(Error: null);
        },
        failure => new ActivityOutcome(failure));

    /// <summary>Tells <see cref="EndAsync"/> that what might pass did not: the upload's bytes are kept then.</summary>
    /// <param name="reason">What failed last.</param>
    public static RunFailure GivenUp(string reason) => new(UploadFailures.GivenUp, reason);

    /// <param name="instance">As in <see cref="BeginAsync"/>.</param>
    /// <param name="error">Why it was not loaded; null when it was.</param>
    public async Task EndAsync(string id, string instance, RunFailure? error, CancellationToken cancellationToken)
    {
        FaultPoint.Pass("before-upload-end");
        var receipt = await _batches.FindReceiptAsync(id, cancellationToken);
        if (receipt?.State != ReceiptState.Committed)
            receipt = null;
        var keptUntil = receipt is null && error?.Code == UploadFailures.GivenUp ? _clock.GetUtcNow() + _life : (DateTimeOffset?)null;
        if (keptUntil is { } until)
        {
            await _uploads.MarkOpenAsync(id, until, cancellationToken);
            error = error! with { Message = $"{error.Message} It was tried for about a day. Its bytes are kept until {until:u}: complete the upload again to load them (POST …/complete)." };
        }

        var upload = await _uploads.UpdateAsync(
            id,
            upload => upload.HasEnded || upload.Instance != instance ? upload : upload with
            {
                Status = receipt is not null || error is null ? UploadStatus.Succeeded
                    : error.Code == UploadFailures.Canceled ? UploadStatus.Canceled
                    : UploadStatus.Failed,
                Stage = null,
                Ended = _clock.GetUtcNow(),
                Rows = receipt?.Received ?? upload.Rows,
                BytesRead = receipt?.Bytes ?? upload.BytesRead,
                Error = receipt is null ? error : null,
                KeptUntil = keptUntil,
                Fetch = keptUntil is null ? null : upload.Fetch,
                Fetched = keptUntil is null ? null : upload.Fetched,
            },
            cancellationToken);
        await _uploads.ClearPendingAsync(instance, cancellationToken);
        if (upload.Instance != instance)
        {
            await _objects.ClearUploadAsync(upload, cancellationToken);
            return;
        }

        // Left behind when a process died right behind its commit, or when the activity was given up.
        if (!await _claims.TryUnparkAsync(id, cancellationToken))
            throw new TransientException($"The batch '{id}' is still claimed.");
        await _objects.ClearUploadAsync(upload, cancellationToken);
    }

    private async Task LoadAsync(Upload upload, CancellationToken cancellationToken)
    {
        var progress = new LoadProgress();
        if (upload.CancelRequested)
            progress.Cancel();
        if (upload.Origin == UploadOrigin.Url)
        {
            progress.Enter(UploadStage.Loading);
            await _uploads.UpdateAsync(upload.Id, row => row.Stage == UploadStage.Fetching ? row with { Stage = UploadStage.Loading, BytesRead = 0 } : row, cancellationToken);
        }

        await using var fetched = upload.Origin == UploadOrigin.Url ? _fetcher.Open(upload.Parts, upload.Fetched!) : null;
        await using var reporter = new UploadReporter(upload.Id, _uploads, progress, _clock, _logger);
        var request = new BatchRequest(upload.Dataset, upload.Caller, upload.Claim!.IdempotencyKey, upload.ContentType, upload.ContentEncoding, fetched ?? Stream.Null)
        {
            Stored = fetched is null ? new StoredBody(upload.Object, upload.ETag!, upload.Sha256) : null,
            Progress = progress,
        };
        await _batches.LoadAsync(upload.Claim, request, cancellationToken);
    }
}
