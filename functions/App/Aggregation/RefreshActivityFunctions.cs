using DataPlatform.Aggregation;
using DataPlatform.App.Operations;
using DataPlatform.Operations;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;

namespace DataPlatform.App.Aggregation;

/// <summary>The activities of a mart's refresh.</summary>
public sealed class RefreshActivityFunctions(RefreshActivities activities, RunEnding ending)
{
    public const string Begin = "MartRefreshBegin";
    public const string Compute = "MartRefreshCompute";
    public const string End = "MartRefreshEnd";

    [Function(Begin)]
    public Task<RefreshBegun> BeginRefresh([ActivityTrigger] string run, CancellationToken cancellationToken) =>
        activities.BeginAsync(run, cancellationToken);

    [Function(Compute)]
    public Task<ActivityOutcome> ComputeMart([ActivityTrigger] RefreshWork work, CancellationToken cancellationToken) =>
        activities.ComputeAsync(work.Run, work.Plan, cancellationToken);

    [Function(End)]
    public async Task EndRefresh([ActivityTrigger] RunEnd end, [DurableClient] DurableTaskClient client, CancellationToken cancellationToken)
    {
        await activities.EndAsync(end.Run, end.Error, cancellationToken);
        await ending.SettleAsync(client, end.Run, cancellationToken);
    }
}
