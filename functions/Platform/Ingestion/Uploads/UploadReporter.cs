using DataPlatform.Failures;
using DataPlatform.Ingestion.Batches;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Ingestion.Uploads;

/// <summary>While an upload is loaded: once a second writes how far that is to its row, and looks there whether it is to end.</summary>
internal sealed class UploadReporter : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly string _id;
    private readonly UploadStore _uploads;
    private readonly LoadProgress _progress;
    private readonly ILogger _logger;
    private readonly PeriodicTimer _timer;
    private readonly Task _reporting;

    public UploadReporter(string id, UploadStore uploads, LoadProgress progress, TimeProvider clock, ILogger logger)
    {
        _id = id;
        _uploads = uploads;
        _progress = progress;
        _logger = logger;
        _timer = new PeriodicTimer(Interval, clock);
        _reporting = ReportAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _timer.Dispose();
        await _reporting;
    }

    private async Task ReportAsync()
    {
        while (await _timer.WaitForNextTickAsync(CancellationToken.None))
        {
            try
            {
                var upload = await _uploads.UpdateAsync(
                    _id,
                    upload => upload.HasEnded
                        ? upload
                        : upload with { Stage = _progress.Stage, Rows = Math.Max(upload.Rows, _progress.Rows), BytesRead = Math.Max(upload.BytesRead, _progress.Bytes) },
                    CancellationToken.None);
                if (upload.CancelRequested)
                    _progress.Cancel();
            }
            catch (Exception fault) when (fault is TransientException or TerminalException)
            {
                // It is for people who look on; the next second tells them more.
                Log.NotReported(_logger, _id, fault);
            }
        }
    }
}
