using DataPlatform.App.Operations;
using DataPlatform.Operations;
using DataPlatform.Processing;
using Microsoft.DurableTask;

namespace DataPlatform.App.Processing;

/// <summary>Executes one step of a run: plan, fan-out, commit; with the step's retries, and no longer than its timeout.</summary>
internal sealed class StepOrchestration(TaskOrchestrationContext context, string run, int step, StepPolicy policy)
{
    private readonly TaskOptions _options = RunRetries.Of(policy.Retry);

    /// <returns>Null when the step is done.</returns>
    public Task<RunFailure?> RunAsync() => LimitAsync(WorkAsync);

    /// <summary>Only plans and stages.</summary>
    /// <returns>Null when that is done.</returns>
    public Task<RunFailure?> StageAsync() => LimitAsync(StageWorkAsync);

    /// <summary>Only commits what was staged.</summary>
    /// <returns>Null when the step is done.</returns>
    public Task<RunFailure?> CommitAsync() => LimitAsync(CommitWorkAsync);

    private async Task<RunFailure?> LimitAsync(Func<Task<RunFailure?>> begin)
    {
        if (policy.Timeout is not { } timeout)
            return await TryAsync(begin);

        using var ended = new CancellationTokenSource();
        var work = TryAsync(begin);
        var due = context.CreateTimer(timeout, ended.Token);
        if (await Task.WhenAny(work, due) == work)
        {
            // At once: what awaits a thread of the pool would leave the orchestrator's.
            ended.Cancel();
            return await work;
        }

        // What is under way may go on for a while, but commits nothing any more; a commit that has begun is waited for.
        var stopped = await context.CallActivityAsync<bool>(PipelineActivityFunctions.StopStep, new StepWork(run, step), RunRetries.End);
        return stopped ? new RunFailure("StepTimedOut", StepStops.Describe(policy.Step, timeout), policy.Step) : await work;
    }

    private async Task<RunFailure?> TryAsync(Func<Task<RunFailure?>> work)
    {
        try
        {
            return await work();
        }
        catch (TaskFailedException exception)
        {
            return GroupFanOut.Failure(policy, exception);
        }
    }

    // Histories of before there were steps done whole go on the same way: their plans don't say that all is done.
    private async Task<RunFailure?> WorkAsync()
    {
        var planned = await PlanAsync(whole: true);
        return planned.Done ? planned.Error : await FanOutAsync(planned) ?? await CommitWorkAsync();
    }

    private async Task<RunFailure?> StageWorkAsync() => await FanOutAsync(await PlanAsync(whole: false));

    private Task<StepPlanned> PlanAsync(bool whole) =>
        context.CallActivityAsync<StepPlanned>(PipelineActivityFunctions.PlanStep, new StepWork(run, step, whole), _options);

    private async Task<RunFailure?> FanOutAsync(StepPlanned planned) =>
        planned.Error
            ?? await FanOutAsync(PipelineActivityFunctions.SplitGroup, planned.Splits, planned)
            ?? await FanOutAsync(PipelineActivityFunctions.RunGroup, planned.Groups, planned);

    private async Task<RunFailure?> CommitWorkAsync() =>
        (await context.CallActivityAsync<ActivityOutcome>(PipelineActivityFunctions.CommitStep, new StepWork(run, step), _options)).Error;

    private async Task<RunFailure?> FanOutAsync(string activity, int count, StepPlanned planned) =>
        (await GroupFanOut.RunAsync(context, new GroupRange(activity, run, step, 0, count, planned.Window, planned.GroupsPerOrchestration, policy))).Error;
}
