using DataPlatform.Aggregation;
using DataPlatform.App.Operations;
using DataPlatform.Operations;
using Microsoft.Azure.Functions.Worker;

namespace DataPlatform.App.Aggregation;

/// <summary>The activities of a mart's refresh.</summary>
public sealed class RefreshActivityFunctions(RefreshActivities activities)
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
    public Task EndRefresh([ActivityTrigger] RunEnd end, CancellationToken cancellationToken) =>
        activities.EndAsync(end.Run, end.Error, cancellationToken);
}
