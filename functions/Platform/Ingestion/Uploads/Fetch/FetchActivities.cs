using DataPlatform.Failures;
using DataPlatform.Ingestion.Batches;
using DataPlatform.Operations;

namespace DataPlatform.Ingestion.Uploads.Fetch;

/// <summary>The activity that fetches an upload's bytes. It can be repeated at any time, also while an earlier call of it still works.</summary>
public sealed class FetchActivities(UploadStore uploads, UrlFetcher fetcher, BatchService batches, ActivityAttempt attempt)
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
                var checkpoint = await fetcher.FetchAsync(
                    upload.Fetch!, UploadPaths.Parts(id), upload.Fetched, (progress, token) => NoteAsync(id, progress, token), cancellationToken);
                return new UploadFetched(checkpoint.IsComplete, null);
            }
            catch (TerminalException failure)
            {
                await batches.RefuseAsync(upload.Claim!, failure, cancellationToken);
                throw;
            }
        },
        failure => new UploadFetched(IsComplete: true, failure));

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
            throw new TerminalException(FailureKind.Conflict, UploadFailures.Canceled, "The upload was canceled while it was fetched. Nothing was loaded.");
        if (!ReferenceEquals(noted.Fetched, checkpoint))
            throw new TransientException($"The upload '{id}' was fetched by another call meanwhile.");
    }
}
