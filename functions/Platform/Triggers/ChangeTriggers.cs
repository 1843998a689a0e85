using DataPlatform.Catalog;
using DataPlatform.Operations;
using DataPlatform.Tables;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Triggers;

/// <summary>
/// Decides on runs for changes of tables. Changes are gathered until the sources are quiet and no run is under way that could see them;
/// then one run is decided on, for all of them. The decision is one replacement of the state's row, so of any number of schedulers one
/// makes it, and whoever comes after a crash finds it and stores the run.
/// </summary>
public sealed class ChangeTriggers(RunStore runs, TableWatch watch, ILogger<ChangeTriggers> logger)
{
    private const int RunsLookedAt = 20;

    /// <summary>Stores a run that was decided on.</summary>
    /// <returns>Null when it was there.</returns>
    internal async Task<Run?> StoreAsync(TriggeredDefinition definition, DecidedRun decided, CancellationToken cancellationToken)
    {
        // It waits whatever the pipeline says: a change that is skipped would stay unseen.
        var request = new RunRequest(definition.Kind, definition.Name, definition.Version, RunStore.TriggerCaller)
        {
            Concurrency = RunConcurrency.Queue,
        };
        var run = await runs.TryCreateAsync(request, new RunTrigger { Changes = decided.Versions }, decided.Id, cancellationToken);
        if (run is not null)
            Log.Started(logger, run.Id, "change");
        return run;
    }

    /// <summary>Gathers changes, and decides on a run when it is time.</summary>
    /// <returns>The state to keep, and when to look again.</returns>
    internal async Task<(TriggerState State, DateTimeOffset? Next)> EvaluateAsync(
        TriggeredDefinition definition,
        TriggerState state,
        IReadOnlyDictionary<string, TableName> tables,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        state = await watch.ObserveAsync(definition, state, tables, now, cancellationToken);
        if (state.Changes is not { } changes)
            return (state, null);

        var startsAt = StartsAt(definition, changes);
        if (startsAt > now)
            return (state, startsAt);

        // What is under way or waits may see the changes, and its end is a reason to look again.
        if ((await runs.ListOpenAsync(definition.Kind, definition.Name, cancellationToken)).Any(run => !run.HasEnded))
            return (state, null);
        var recent = await runs.ListAsync(definition.Kind, definition.Name, after: null, RunsLookedAt, cancellationToken);
        if (recent.Runs.Any(run => run.Status == RunStatus.Succeeded && changes.AreIn(run.Pinned)))
            return (state with { Changes = null }, null);

        var versions = string.Join('\n', changes.Versions.OrderBy(change => change.Key, StringComparer.Ordinal));
        var id = RunId.Derive(definition.Name, now, $"change\n{definition.Kind}\n{definition.Name}\n{versions}");
        return (state with { Changes = null, Decided = new DecidedRun(id, changes.Versions) }, null);
    }

    internal static DateTimeOffset StartsAt(TriggeredDefinition definition, OpenChanges changes) => definition.OnChange
        .Where(trigger => trigger.OnChange!.Any(changes.Versions.ContainsKey))
        .Min(trigger => changes.StartsAt(trigger.DebounceTime));
}
