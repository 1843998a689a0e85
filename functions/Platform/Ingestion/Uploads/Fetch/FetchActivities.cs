using DataPlatform.Failures;
using DataPlatform.Ingestion.Batches;
using DataPlatform.Operations;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Ingestion.Uploads.Fetch;

/// <summary>The activity that fetches an upload's bytes. It can be repeated at any time, also while an earlier call of it still works.</summary>
public sealed class FetchActivities(
    UploadStore uploads, UrlFetcher fetcher, BatchService batches, ActivityAttempt attempt, TimeProvider clock, ILogger<FetchActivities> logger)
{
    /// <summary>Fetches for some minutes at most; to be called until it is complete.</summary>
    public Task<UploadFetched> FetchAsync(string id, CancellationToken cancellationToken) => attempt.RunAsync(
        id,
        async () =>
        {
            var upload = await uploads.GetAsync(id, cancellationToken);
            if (upload.HasEnded || upload.Fetched is { IsComplete: true })
                return new UploadFetched(IsComplete: true, null);

            try
            {
                return upload.CancelRequested ? throw Canceled() : await FetchAsync(upload, cancellationToken);
            }
            catch (TerminalException failure)
            {
                await batches.RefuseAsync(upload.Claim!, failure, cancellationToken);
                throw;
            }
        },
        failure => new UploadFetched(IsComplete: true, failure));

    private async Task<UploadFetched> FetchAsync(Upload upload, CancellationToken cancellationToken)
    {
        await using var watch = new CancelWatch(upload.Id, uploads, clock, logger, cancellationToken);
        try
        {
            var checkpoint = await fetcher.FetchAsync(
                upload.Fetch!, upload.Parts, upload.Fetched, (progress, token) => NoteAsync(upload.Id, progress, token), watch.Token);
            return new UploadFetched(checkpoint.IsComplete, null);
        }
        catch (OperationCanceledException) when (watch.IsCanceled)
        {
            throw Canceled();
        }
    }

    private static TerminalException Canceled() =>
        new(FailureKind.Conflict, UploadFailures.Canceled, "The upload was canceled while it was fetched. Nothing was loaded.");

    private async Task NoteAsync(string id, FetchProgress progress, CancellationToken cancellationToken)
    {
        var checkpoint = progress.Checkpoint;
        FaultPoint.Pass("before-fetch-note");
        var noted = await uploads.UpdateAsync(
            id,
            upload => upload.HasEnded || upload.CancelRequested || upload.Fetched is { IsComplete: true } ? upload : upload with
            {
                Stage = UploadStage.Fetching,
                ContentType = checkpoint.ContentType ?? upload.ContentType,
                ContentEncoding = checkpoint.ContentEncoding,
                Bytes = checkpoint.Total,
                BytesRead = progress.Bytes,
                Fetched = checkpoint,
            },
            cancellationToken);
        FaultPoint.Pass("after-fetch-note");
        if (noted.CancelRequested)
            throw Canceled();
        if (!ReferenceEquals(noted.Fetched, checkpoint))
            throw new TransientException($"The upload '{id}' was fetched by another call meanwhile.");
    }
}
