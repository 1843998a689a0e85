using DataPlatform.Failures;
using DataPlatform.Ingestion.Batches;
using DataPlatform.Operations;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Ingestion.Realtime;

/// <summary>Writes receipts and ledger rows of a dataset's commits behind their answers, those of several commits at once. What it does not
/// come to, the timer does.</summary>
internal sealed class RecordFollower(string dataset, DatasetProjections projections, ClaimStore claims, ILogger logger) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private List<BatchClaim> _ended = [];
    private long _upTo = -1;
    private Task _running = Task.CompletedTask;
    private bool _isRunning;
    private bool _isDisposed;

    /// <param name="ended">The claims of the commit's batches.</param>
    public void Follow(long version, IEnumerable<BatchClaim> ended)
    {
        lock (_gate)
        {
            _upTo = Math.Max(_upTo, version);
            _ended.AddRange(ended);
            if (_isRunning)
                return;
            _isRunning = true;
            _running = Task.Run(RunAsync, CancellationToken.None);
        }
    }

    /// <summary>Brings what is left to its end.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        while (true)
        {
            // In real time: a test's clock that stands still must not stop it.
            await Task.Delay(RecordLimits.ProjectionDelay, _stop.Token).ContinueWith(static _ => { }, TaskScheduler.Default);
            long upTo;
            List<BatchClaim> ended;
            lock (_gate)
            {
                if (_upTo < 0)
                {
                    _isRunning = false;
                    return;
                }

                (upTo, _upTo) = (_upTo, -1);
                (ended, _ended) = (_ended, []);
            }

            await FollowAsync(upTo, ended);
        }
    }

    private async Task FollowAsync(long upTo, List<BatchClaim> ended)
    {
        try
        {
            await projections.AdvanceAsync(dataset, upTo, CancellationToken.None);
            FaultPoint.Pass("before-claim-end");
            await claims.EndAsync(ended, CancellationToken.None);
        }
        catch (Exception fault) when (fault is TransientException or TerminalException)
        {
            Log.NotFollowed(logger, dataset, upTo, fault);
        }
    }
}
