using DataPlatform.Failures;
using DataPlatform.Lake;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Ingestion.Batches;

/// <summary>Keeps a claim alive while its batch is worked on.</summary>
internal sealed class ClaimLease : IAsyncDisposable
{
    private readonly ClaimStore _claims;
    private readonly ILogger _logger;
    private readonly PeriodicTimer _timer;
    private readonly CancellationTokenSource _work;
    private readonly Task _renewing;
    private StoredRow<BatchClaim> _claim;
    private bool _lost;

    public ClaimLease(StoredRow<BatchClaim> claim, ClaimStore claims, TimeProvider clock, ILogger logger, CancellationToken cancellationToken)
    {
        _claim = claim;
        _claims = claims;
        _logger = logger;
        _work = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _timer = new PeriodicTimer(claims.Lease / 3, clock);
        _renewing = RenewAsync();
    }

    public BatchClaim Claim => _claim.Value;

    /// <summary>Ends the work when the caller has gone or another attempt has taken the claim over.</summary>
    public CancellationToken Token => _work.Token;

    public bool IsLost => Volatile.Read(ref _lost);

    /// <summary>Ends the claim: its receipt is written.</summary>
    public async Task EndAsync(CancellationToken cancellationToken)
    {
        await StopAsync();
        await _claims.TryEndAsync(_claim, cancellationToken);
    }

    /// <summary>Leaves the claim to the upload's orchestration.</summary>
    /// <exception cref="TransientException">Another attempt has taken it over.</exception>
    public async Task ParkAsync(CancellationToken cancellationToken)
    {
        await StopAsync();
        if (IsLost || !await _claims.TryParkAsync(_claim, cancellationToken))
            throw new TransientException($"Another attempt has taken over the batch '{Claim.Id}'. Ask for its receipt.");
    }

    /// <summary>Lets the next attempt start at once.</summary>
    public async Task ReleaseAsync(CancellationToken cancellationToken)
    {
        await StopAsync();
        if (!IsLost)
            await _claims.ReleaseAsync(_claim, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _work.Dispose();
    }

    private async Task StopAsync()
    {
        _timer.Dispose();
        await _renewing;
    }

    private async Task RenewAsync()
    {
        while (await _timer.WaitForNextTickAsync(CancellationToken.None))
        {
            try
            {
                if (await _claims.TryRenewAsync(_claim, CancellationToken.None) is { } renewed)
                {
                    _claim = renewed;
                    continue;
                }

                Volatile.Write(ref _lost, true);
                await _work.CancelAsync();
                return;
            }
            catch (Exception fault) when (fault is TransientException or TerminalException)
            {
                // The next tick tries again; should the lease run out, the commit still happens once.
                Log.NotRenewed(_logger, _claim.Value.Id, fault);
            }
        }
    }
}
