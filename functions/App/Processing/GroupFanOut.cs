using DataPlatform.App.Operations;
using DataPlatform.Operations;
using DataPlatform.Processing;
using Microsoft.DurableTask;

namespace DataPlatform.App.Processing;

/// <summary>Spreads the groups of a step over activities, so many at a time; large numbers over sub-orchestrations, which do the same.</summary>
internal static class GroupFanOut
{
    /// <summary>Sub-orchestrations at one time; they share the window.</summary>
    private const int Children = 4;

    /// <returns>The first failure; no more groups are begun behind it.</returns>
    public static Task<ActivityOutcome> RunAsync(TaskOrchestrationContext context, GroupRange range)
    {
        if (range.Count < range.Most)
            return WindowAsync(range.Count, range.Window, i => GroupAsync(context, range, range.First + i));

        var children = (range.Count + range.Most - 1) / range.Most;
        var side = Math.Min(Children, Math.Min(children, range.Window));
        return WindowAsync(children, side, i => context.CallSubOrchestratorAsync<ActivityOutcome>(
            RunOrchestrations.Groups,
            range with
            {
                First = range.First + (i * range.Most),
                Count = Math.Min(range.Most, range.Count - (i * range.Most)),
                Window = Math.Max(1, range.Window / side),
                Most = int.MaxValue,
            }));
    }

    public static RunFailure Failure(StepPolicy policy, TaskFailedException exception) => new(
        "ActivityFailed",
        $"Step '{policy.Step}': {exception.FailureDetails.ErrorMessage} It was tried {policy.Retry.Attempts} times: start the pipeline again.",
        policy.Step);

    private static async Task<ActivityOutcome> GroupAsync(TaskOrchestrationContext context, GroupRange range, int group)
    {
        try
        {
            return await context.CallActivityAsync<ActivityOutcome>(
                range.Activity, new GroupWork(range.Run, range.Step, group), RunRetries.Of(range.Policy.Retry));
        }
        catch (TaskFailedException exception)
        {
            return new ActivityOutcome(Failure(range.Policy, exception));
        }
    }

    private static async Task<ActivityOutcome> WindowAsync(int count, int window, Func<int, Task<ActivityOutcome>> begin)
    {
        List<Task<ActivityOutcome>> running = [];
        RunFailure? error = null;
        for (var next = 0; ;)
        {
            while (error is null && next < count && running.Count < window)
                running.Add(begin(next++));
            if (running.Count == 0)
                return new ActivityOutcome(error);

            var done = await Task.WhenAny(running);
            running.Remove(done);
            error ??= (await done).Error;
        }
    }
}
