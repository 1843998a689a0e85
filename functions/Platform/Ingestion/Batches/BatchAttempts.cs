using DataPlatform.Failures;
using DataPlatform.Operations;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Ingestion.Batches;

/// <summary>Works on claimed batches: keeps the claim alive meanwhile, and sees to it that a failure leaves a receipt, or the way free for the
/// next attempt.</summary>
internal sealed class BatchAttempts(ClaimStore claims, ReceiptStore receipts, TimeProvider clock, ILogger logger)
{
    /// <param name="work">Ends or parks the claim when all goes well.</param>
    public async Task<T> RunAsync<T>(
        Lake.StoredRow<BatchClaim> claim, BatchRequest request, Func<ClaimLease, Task<T>> work, CancellationToken cancellationToken)
    {
        await using var lease = new ClaimLease(claim, claims, clock, logger, cancellationToken);
        try
        {
            return await work(lease);
        }
        catch (TerminalException failure) when (failure.Code != "IdempotencyKeyReused")
        {
            await RejectAsync(lease, request.ContentType, failure);
            throw;
        }
        catch (Exception failure)
        {
            await ReleaseAsync(lease, failure);
            if (lease.IsLost && !cancellationToken.IsCancellationRequested)
                throw new TransientException($"Another attempt has taken over the batch '{lease.Claim.Id}'. Ask for its receipt.", failure);
            throw;
        }
    }

    /// <summary>Ends a claim without any work.</summary>
    public async Task RejectAsync(Lake.StoredRow<BatchClaim> claim, TerminalException failure, CancellationToken cancellationToken)
    {
        await using var lease = new ClaimLease(claim, claims, clock, logger, cancellationToken);
        await RejectAsync(lease, contentType: null, failure);
    }

    private async Task RejectAsync(ClaimLease lease, string? contentType, TerminalException failure)
    {
        var claim = lease.Claim;
        Log.Rejected(logger, claim.Id, claim.Attempt, failure.Code);
        try
        {
            if (lease.IsLost)
                return;
            var receipt = claim.ToReceipt(ReceiptState.Rejected) with
            {
                Ended = clock.GetUtcNow(),
                ContentType = contentType,
                Error = new ReceiptError(failure.Code, failure.Message, failure.Target),
            };
            await receipts.SettleAsync(receipt, confirm: null, CancellationToken.None);
            failure.Receipt = receipt.Links["self"];
            await lease.EndAsync(CancellationToken.None);
        }
        catch (TransientException fault)
        {
            Log.NotNoted(logger, claim.Id, fault);
        }
    }

    private async Task ReleaseAsync(ClaimLease lease, Exception failure)
    {
        Log.Released(logger, lease.Claim.Id, lease.Claim.Attempt, failure);
        try
        {
            await lease.ReleaseAsync(CancellationToken.None);
        }
        catch (TransientException fault)
        {
            Log.NotNoted(logger, lease.Claim.Id, fault);
        }
    }
}
