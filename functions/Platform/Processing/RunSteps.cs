using DataPlatform.Operations;

namespace DataPlatform.Processing;

internal static class RunSteps
{
    /// <summary>The run with one step changed.</summary>
    public static Run WithStep(this Run run, int index, Func<RunStep, RunStep> change) =>
        run with { Steps = [.. run.Steps.Select((step, i) => i == index ? change(step) : step)] };
}
