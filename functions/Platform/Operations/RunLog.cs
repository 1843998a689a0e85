using System.Globalization;

namespace DataPlatform.Operations;

/// <summary>What happened in a run, and when. It is told from the run's row and its failed tries, so it is as long as the run has steps, and
/// nothing is in it that is not so.</summary>
public sealed class RunLog(RunStore runs, RunAttempts attempts)
{
    /// <summary>The earliest first.</summary>
    /// <exception cref="Failures.TerminalException"><c>RunNotFound</c>.</exception>
    public async Task<IReadOnlyList<RunLogEntry>> ReadAsync(string id, CancellationToken cancellationToken)
    {
        var run = await runs.GetAsync(id, cancellationToken);
        var tries = await attempts.ListAsync(id, cancellationToken);
        return
        [
            .. Of(run)
                .Concat(tries.Select(attempt => new RunLogEntry(attempt.Time, RunEvent.AttemptFailed, $"{attempt.Activity} failed: {attempt.Reason}")))
                .OrderBy(entry => entry.Time)
                .ThenBy(entry => entry.Event == RunEvent.Ended),
        ];
    }

    private static IEnumerable<RunLogEntry> Of(Run run)
    {
        yield return new RunLogEntry(run.Created, RunEvent.Asked, $"Asked for by '{run.Caller}'{Why(run)}.");
        if (run.CancelRequested is { } cancel)
            yield return new RunLogEntry(cancel.Time, RunEvent.CancelRequested, $"'{cancel.Caller}' asked it to end.");
        if (run.Started is { } started)
        {
            yield return new RunLogEntry(started, RunEvent.Begun, $"Began with version {run.DefinitionVersion} of the definition.");
            foreach (var (table, version) in run.Pinned ?? new Dictionary<string, long>())
                yield return new RunLogEntry(started, RunEvent.Pinned, Invariant($"Reads '{table}' at version {version}."));
        }

        foreach (var entry in run.Steps.SelectMany(Of))
            yield return entry;
        if (run.Ended is { } ended)
            yield return new RunLogEntry(ended, RunEvent.Ended, run.Error is { } error ? $"{run.Status}: {error.Code}: {error.Message}" : $"{run.Status}.");
    }

    private static IEnumerable<RunLogEntry> Of(RunStep step)
    {
        if (step.Started is { } started && step.Status != RunStatus.Skipped)
        {
            var rows = step.RowsIn is { } count ? Invariant($", {count} new rows") : "";
            yield return new RunLogEntry(started, RunEvent.StepPlanned, Invariant($"Planned: {step.Groups} groups{rows}."), step.Name);
        }

        if (step.Ended is not { } ended)
            yield break;
        foreach (var outcome in step.Expectations)
        {
            yield return new RunLogEntry(
                ended, RunEvent.Expectation, Invariant($"Expectation '{outcome.Name}': {outcome.Broken} of {outcome.Checked} rows break it."), step.Name);
        }

        if (step.Status == RunStatus.Succeeded)
        {
            var replaced = step.RowsReplaced is { } count ? Invariant($", {count} replaced") : "";
            yield return step.TakenFrom is { } other ? new RunLogEntry(ended, RunEvent.StepCommitted, $"Taken over from '{other}'.", step.Name) : new RunLogEntry(
                ended, RunEvent.StepCommitted, Invariant($"Committed version {step.TableVersion} of '{step.Target}': {step.RowsOut} rows{replaced}."), step.Name);
        }
        else if (step.Status == RunStatus.Skipped)
        {
            yield return new RunLogEntry(ended, RunEvent.StepSkipped, $"Skipped: {step.Note}", step.Name);
        }
    }

    private static string Why(Run run) => run switch
    {
        { Parent: { } parent } => $", to go on with '{parent}'",
        { Trigger.Due: { } due } => Invariant($": it was due at {due.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}"),
        { Trigger.Changes: { } changes } => $": {string.Join(", ", changes.Keys.Order(StringComparer.Ordinal).Select(table => $"'{table}'"))} changed",
        { Trigger.After: { } after } => $": '{after}' ended",
        { Trigger.Backfill: { } part } => Invariant($", for slice {part.Slice} of '{part.Id}'"),
        _ => "",
    };

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
