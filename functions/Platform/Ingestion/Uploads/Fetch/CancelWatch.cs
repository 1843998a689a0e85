using DataPlatform.Failures;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Ingestion.Uploads.Fetch;

/// <summary>While a file is fetched: looks once a second whether its upload is to end, also when the server is silent or asked to be left alone for a while.</summary>
internal sealed class CancelWatch : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly string _id;
    private readonly UploadStore _uploads;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _work;
    private readonly PeriodicTimer _timer;
    private readonly Task _watching;
    private bool _canceled;

    public CancelWatch(string id, UploadStore uploads, TimeProvider clock, ILogger logger, CancellationToken cancellationToken)
    {
        _id = id;
        _uploads = uploads;
        _logger = logger;
        _work = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _timer = new PeriodicTimer(Interval, clock);
        _watching = WatchAsync();
    }

    /// <summary>Ends the work when the upload is to end.</summary>
    public CancellationToken Token => _work.Token;

    public bool IsCanceled => Volatile.Read(ref _canceled);

    public async ValueTask DisposeAsync()
    {
        _timer.Dispose();
        await _watching;
        _work.Dispose();
    }

    private async Task WatchAsync()
    {
        while (await _timer.WaitForNextTickAsync(CancellationToken.None))
        {
            try
            {
                if (await _uploads.FindAsync(_id, CancellationToken.None) is { CancelRequested: true })
                {
                    Volatile.Write(ref _canceled, true);
                    await _work.CancelAsync();
                    return;
                }
            }
            catch (Exception fault) when (fault is TransientException or TerminalException)
            {
                // The next second looks again.
                Ingestion.Log.NotReported(_logger, _id, fault);
            }
        }
    }
}
