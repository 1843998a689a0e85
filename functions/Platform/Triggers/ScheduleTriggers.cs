using DataPlatform.Operations;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Triggers;

/// <summary>Stores the runs of schedules. A run's id follows from definition and due time, so any number of schedulers, at any time, store
/// one for each.</summary>
public sealed class ScheduleTriggers(RunStore runs, ILogger<ScheduleTriggers> logger)
{
    /// <summary>Sees to the due times up to now that are later than the definition.</summary>
    /// <returns>The state to keep, and the runs that were not there yet.</returns>
    internal async Task<(TriggerState State, IReadOnlyList<Run> Runs)> EvaluateAsync(
        TriggeredDefinition definition, TriggerState state, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var after = state.Through > definition.Updated ? state.Through.Value : definition.Updated;
        var due = definition.Triggers.SelectMany(trigger => DueTimes.Between(trigger, after, now)).Distinct().Order().ToList();
        List<Run> stored = [];
        foreach (var time in due)
        {
            var id = RunId.Derive(definition.Name, time, $"schedule\n{definition.Kind}\n{definition.Name}\n{time.UtcTicks}");
            var request = new RunRequest(definition.Kind, definition.Name, definition.Version, RunStore.TriggerCaller)
            {
                Concurrency = definition.Concurrency,
            };
            if (await runs.TryCreateAsync(request, new RunTrigger { Due = time }, id, cancellationToken) is { } run)
            {
                Log.Started(logger, run.Id, "schedule");
                stored.Add(run);
            }
        }

        // After the runs: what a crash leaves out here is found again.
        return (due.Count == 0 ? state : state with { Through = due[^1] }, stored);
    }
}
