using System.Xml;
using DataPlatform.Failures;

namespace DataPlatform.Processing;

/// <summary>
/// Keeps a step that took too long from committing. Whoever writes the verdict first, its commit or its timeout, decides: an activity that comes
/// late, or was slow and does not know that its run has ended, finds that it may not.
/// </summary>
public sealed class StepStops(RunFiles files)
{
    /// <returns>False when the step has begun to commit; then its outcome is that of the commit.</returns>
    public async Task<bool> TryStopAsync(string run, int index, CancellationToken cancellationToken)
    {
        var plan = await files.ReadAsync<RunPlan>(RunFiles.Plan(run), cancellationToken);
        var verdict = await files.WriteOnceAsync(
            RunFiles.Verdict(run, plan.Pipeline.Steps[index].Name), new StepVerdict(MayCommit: false), cancellationToken);
        return !verdict.MayCommit;
    }

    /// <summary>Begins the commit.</summary>
    /// <exception cref="TerminalException"><c>StepTimedOut</c>.</exception>
    public async Task EnsureMayCommitAsync(string run, CompiledStep step, CancellationToken cancellationToken)
    {
        if (step.Timeout is not null && !(await files.WriteOnceAsync(RunFiles.Verdict(run, step.Name), new StepVerdict(MayCommit: true), cancellationToken)).MayCommit)
            throw TimedOut(step);
    }

    /// <summary>Saves work that would be in vain.</summary>
    /// <exception cref="TerminalException"><c>StepTimedOut</c>.</exception>
    public async Task EnsureNotStoppedAsync(string run, CompiledStep step, CancellationToken cancellationToken)
    {
        if (step.Timeout is not null && await files.TryReadAsync<StepVerdict>(RunFiles.Verdict(run, step.Name), cancellationToken) is { MayCommit: false })
            throw TimedOut(step);
    }

    /// <summary>The failure's text.</summary>
    public static string Describe(string step, TimeSpan timeout) =>
        $"Step '{step}' was not done within {XmlConvert.ToString(timeout)} and committed nothing: give it a longer 'timeout', or spread its work with 'parallel'.";

    private static TerminalException TimedOut(CompiledStep step) =>
        new(FailureKind.Unprocessable, "StepTimedOut", Describe(step.Name, step.Timeout!.Value), step.Name);
}
