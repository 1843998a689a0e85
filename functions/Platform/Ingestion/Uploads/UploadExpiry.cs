using DataPlatform.Failures;
using DataPlatform.Lake;
using DataPlatform.Operations;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Ingestion.Uploads;

/// <summary>What the timer does for uploads whose time is over: sessions that nobody completed end, and what was written to their addresses goes; so do bytes that
/// were kept for another try.</summary>
public sealed class UploadExpiry(UploadStore uploads, IObjectStore objects, TimeProvider clock, ILogger<UploadExpiry> logger)
{
    /// <summary>One turn. What fails for one session is left to the next turn and does not stop the others.</summary>
    public async Task ExpireAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        await foreach (var marker in uploads.ListOpenAsync(now, cancellationToken))
        {
            try
            {
                await ExpireAsync(marker.Value.Id, now, cancellationToken);
                await uploads.ClearOpenAsync(marker, cancellationToken);
            }
            catch (Exception fault) when (fault is TransientException or TerminalException)
            {
                Log.NotExpired(logger, marker.Value.Id, fault);
            }
        }
    }

    private async Task ExpireAsync(string id, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (await uploads.FindAsync(id, cancellationToken) is not null)
        {
            var upload = await uploads.UpdateAsync(
                id,
                upload => upload switch
                {
                    { KeptUntil: { } until } => until > now ? upload : upload with { KeptUntil = null, Fetch = null, Fetched = null },
                    { HasEnded: true } or { Completed: not null } => upload,
                    _ => upload with
                    {
                        Status = UploadStatus.Failed,
                        Stage = null,
                        Ended = now,
                        Error = new RunFailure(UploadFailures.Expired, $"The upload was not completed until {upload.Expires:u}. Begin another."),
                    },
                },
                cancellationToken);
            if (!upload.HasEnded)
                throw new TransientException($"The upload '{id}' is being loaded.");
            await objects.ClearUploadAsync(upload, cancellationToken);
            return;
        }

        await objects.DeleteUploadAsync(id, cancellationToken);
    }
}
