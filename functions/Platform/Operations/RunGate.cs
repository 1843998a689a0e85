using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Lake;

namespace DataPlatform.Operations;

/// <summary>
/// Decides which run of a pipeline or mart may begin. One row names the run that was let through last; who finds that one ended, and none
/// before itself, puts itself in its place by ETag. So at most one goes ahead, in the order in which they were asked for.
/// </summary>
public sealed class RunGate(RunStore runs, IRowStore rows, TimeProvider clock)
{
    private const int MaxAttempts = 20;

    /// <summary>Whether a run may begin now. One that is not to wait, but finds another under way, is canceled.</summary>
    public async Task<bool> TryEnterAsync(Run run, CancellationToken cancellationToken)
    {
        if (run.Concurrency == RunConcurrency.Parallel || run.Status != RunStatus.NotStarted || run.ReadAfter is not null)
            return !run.HasEnded;
        return await TryPassAsync(run, cancellationToken);
    }

    /// <summary>Lets a run that staged its work ahead through to commit it.</summary>
    /// <returns>False when others are before it.</returns>
    public async Task<bool> TryTakeTurnAsync(Run run, CancellationToken cancellationToken)
    {
        if (run.Turn is not null)
            return true;
        if (!await TryPassAsync(run, cancellationToken))
            return false;
        var now = clock.GetUtcNow();
        await runs.UpdateAsync(run.Id, current => current.Turn is not null ? current : current with { Turn = now }, cancellationToken);
        return true;
    }

    private async Task<bool> TryPassAsync(Run run, CancellationToken cancellationToken)
    {
        var place = LaneOf(run.Kind, run.Name);
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            var lane = await rows.GetAsync<RunLane>(RunStore.Table, place, cancellationToken);
            if (lane?.Value.Run == run.Id)
                return true;
            if (await FindAheadAsync(run, lane?.Value.Run, cancellationToken) is { } ahead)
            {
                if (run.Concurrency == RunConcurrency.Skip)
                    await SkipAsync(run, ahead, cancellationToken);
                return false;
            }

            FaultPoint.Pass("before-run-enters");
            var entered = lane is null
                ? await rows.TryInsertAsync(RunStore.Table, place, new RunLane(run.Id), cancellationToken)
                : await rows.TryReplaceAsync(RunStore.Table, place, new RunLane(run.Id), lane.ETag, cancellationToken);
            if (entered is not null)
                return true;
        }

        throw new TransientException($"Too many runs of '{run.Name}' want to begin at once.");
    }

    /// <summary>Whether it is worth while to start the run's orchestration: it would not only find out that it has to wait.</summary>
    public async Task<bool> IsNextAsync(Run run, CancellationToken cancellationToken)
    {
        if (run.Concurrency != RunConcurrency.Queue || run.ReadAfter is not null)
            return true;
        var lane = await rows.GetAsync<RunLane>(RunStore.Table, LaneOf(run.Kind, run.Name), cancellationToken);
        return lane?.Value.Run == run.Id || await FindAheadAsync(run, lane?.Value.Run, cancellationToken) is null;
    }

    /// <summary>The run that may begin when the others have ended.</summary>
    public async Task<Run?> FindNextAsync(RunKind kind, string name, CancellationToken cancellationToken)
    {
        var open = await runs.ListOpenAsync(kind, name, cancellationToken);
        return open.FirstOrDefault(run => run.Waits) is { } next && await IsNextAsync(next, cancellationToken) ? next : null;
    }

    /// <returns>The run that was let through and has not ended, or the oldest that waits before this one.</returns>
    private async Task<string?> FindAheadAsync(Run run, string? entered, CancellationToken cancellationToken)
    {
        if (entered is not null && await runs.FindAsync(entered, cancellationToken) is { HasEnded: false })
            return entered;
        return (await runs.ListOpenAsync(run.Kind, run.Name, cancellationToken))
            .FirstOrDefault(other => other.Waits
                && other.Concurrency == RunConcurrency.Queue
                && string.CompareOrdinal(other.Id, run.Id) < 0)?.Id;
    }

    private Task<Run> SkipAsync(Run run, string ahead, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var error = new RunFailure("RunSkipped", $"Run '{ahead}' was under way, and the pipeline's 'concurrency' is 'skip'.");
        return runs.UpdateAsync(
            run.Id,
            current => current.Status != RunStatus.NotStarted ? current : current with { Status = RunStatus.Canceled, Ended = now, Error = error },
            cancellationToken);
    }

    private static RowKey LaneOf(RunKind kind, string name) => new(name, $"lane-{kind}");
}
