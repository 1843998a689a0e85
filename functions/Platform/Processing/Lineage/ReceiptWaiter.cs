using DataPlatform.Failures;
using DataPlatform.Operations;

namespace DataPlatform.Processing.Lineage;

/// <summary>Waits a while for a batch to come somewhere, for senders who would rather have one answer than poll.</summary>
public sealed class ReceiptWaiter(BatchTrails trails, TimeProvider clock)
{
    /// <summary>The most a request may wait. Azure cuts requests at 230 seconds.</summary>
    public const int MaxSeconds = 60;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>What this process sees change is looked at earlier, but not at every commit of a busy table.</summary>
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(100);

    /// <summary>The receipt with all that is known of its batch's way.</summary>
    public async Task<Receipt> FollowAsync(Receipt receipt, CancellationToken cancellationToken)
    {
        var plan = await trails.PlanAsync(receipt.Dataset, wait: null, cancellationToken);
        return receipt with { Trail = await trails.FollowAsync(receipt, plan, cancellationToken) };
    }

    /// <summary>Waits until the batch is there, the time is up, or a run that took it fails meanwhile.</summary>
    /// <param name="read">Reads the receipt.</param>
    /// <param name="wait"><c>committed</c>, <c>table:{name}</c> or <c>mart:{name}</c>.</param>
    /// <returns>The receipt with the way to what was waited for.</returns>
    /// <exception cref="TerminalException">At once what <see cref="BatchTrails.PlanAsync"/> throws; <c>BatchRejected</c>: it will never be
    /// anywhere.</exception>
    public async Task<Receipt> WaitAsync(
        Func<CancellationToken, Task<Receipt>> read, string wait, TimeSpan atMost, CancellationToken cancellationToken)
    {
        var began = clock.GetTimestamp();
        var receipt = await read(cancellationToken);
        var plan = await trails.PlanAsync(receipt.Dataset, wait, cancellationToken);
        HashSet<string>? failedBefore = null;
        while (true)
        {
            EnsurePossible(receipt);
            var trail = await trails.FollowAsync(receipt, plan, cancellationToken);
            var failed = trail.Tables.Where(stage => stage.State == TrailState.Failed).Select(stage => stage.Run!).ToHashSet(StringComparer.Ordinal);
            failedBefore ??= failed;
            var left = atMost - clock.GetElapsedTime(began);
            if (trail.Reached == true || left <= TimeSpan.Zero || !failed.IsSubsetOf(failedBefore))
                return receipt with { Trail = trail };

            await PauseAsync(trails.Newer(receipt, plan, trail), left < Pause ? left : Pause, cancellationToken);
            if (receipt.State != ReceiptState.Committed)
                receipt = await read(cancellationToken);
        }
    }

    private static void EnsurePossible(Receipt receipt)
    {
        if (receipt.State == ReceiptState.Rejected)
        {
            throw new TerminalException(
                FailureKind.Conflict,
                "BatchRejected",
                $"The batch '{receipt.Id}' was rejected ({receipt.Error?.Code}): it is in no table. Its receipt says why; send it again when that is mended.",
                "wait")
            {
                Receipt = receipt.Links["self"],
            };
        }
    }

    private async Task PauseAsync(Task newer, TimeSpan atMost, CancellationToken cancellationToken)
    {
        var shortest = atMost < ShortestPause ? atMost : ShortestPause;
        await Task.Delay(shortest, clock, cancellationToken);
        if (newer.IsCompleted || atMost == shortest)
            return;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(newer, Task.Delay(atMost - shortest, clock, end.Token));
        await end.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
    }
}
