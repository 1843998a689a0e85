using DataPlatform.Operations;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Triggers;

/// <summary>What the timer does for runs whose process ended at the wrong moment.</summary>
public sealed class RunUpkeep(
    RunStore runs, RunGate gate, RunSettlement settlement, BackfillDriver backfills, TimeProvider clock, ILogger<RunUpkeep> logger)
{
    private static readonly TimeSpan ScheduleWithin = TimeSpan.FromSeconds(5);

    /// <summary>A mark without a run: the process ended before it stored the run, or somebody else had the key.</summary>
    private static readonly TimeSpan ForgetAfter = TimeSpan.FromMinutes(10);

    /// <returns>Runs to be scheduled: they were not, or waited and need not any more.</returns>
    public async Task<IReadOnlyList<Run>> TurnAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        List<Run> next = [];
        foreach (var (mark, run) in await runs.ListOpenAsync(cancellationToken))
        {
            try
            {
                next.AddRange(await TurnAsync(mark, run, now, cancellationToken));
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                Log.NotTended(logger, mark.Id, exception);
            }
        }

        next.AddRange(await backfills.AdvanceOpenAsync(cancellationToken));
        return [.. next.DistinctBy(run => run.Id)];
    }

    private async Task<IReadOnlyList<Run>> TurnAsync(OpenRun mark, Run? run, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var age = now - mark.Created;
        if (run is { HasEnded: true })
            return await settlement.SettleAsync(run.Id, cancellationToken);
        if (run is null && age > ForgetAfter)
            await runs.CloseAsync(mark.Id, cancellationToken);
        return run is { Status: RunStatus.NotStarted } && age >= ScheduleWithin && await gate.IsNextAsync(run, cancellationToken) ? [run] : [];
    }

    /// <summary>Runs that began a while ago and have not ended. Their orchestrations should be there.</summary>
    public async Task<IReadOnlyList<Run>> ListLongAsync(TimeSpan atLeast, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        return
        [
            .. (await runs.ListOpenAsync(cancellationToken)).Select(open => open.Run).OfType<Run>()
                .Where(run => run.Status == RunStatus.Running && now - run.Started >= atLeast),
        ];
    }
}
