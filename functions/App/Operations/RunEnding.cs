using DataPlatform.Triggers;
using Microsoft.DurableTask.Client;

namespace DataPlatform.App.Operations;

/// <summary>What comes behind the end of a run, at once instead of with the timer.</summary>
public sealed class RunEnding(RunSettlement settlement)
{
    public async Task SettleAsync(DurableTaskClient client, string run, CancellationToken cancellationToken) =>
        await client.ScheduleRunsAsync(await settlement.SettleAsync(run, cancellationToken), cancellationToken);
}
