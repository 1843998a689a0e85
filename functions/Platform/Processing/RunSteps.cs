using DataPlatform.Operations;

namespace DataPlatform.Processing;

internal static class RunSteps
{
    /// <summary>The run with one step changed.</summary>
    public static Run WithStep(this Run run, int index, Func<RunStep, RunStep> change) =>
        run with { Steps = [.. run.Steps.Select((step, i) => i == index ? change(step) : step)] };

    /// <summary>The step with one group done by this instance.</summary>
    public static RunStep WithGroup(this RunStep step, int group, long rows) => step.GroupsDone.Contains(group) ? step : step with
    {
        GroupsDone = [.. step.GroupsDone.Append(group).Order()],
        RowsStaged = (step.RowsStaged ?? 0) + rows,
        Instances = step.Instances.Contains(InstanceName.Current) ? step.Instances : [.. step.Instances, InstanceName.Current],
    };
}
