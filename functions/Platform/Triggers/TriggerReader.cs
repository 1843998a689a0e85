using DataPlatform.Catalog;
using DataPlatform.Operations;

namespace DataPlatform.Triggers;

/// <summary>Tells how the triggers of a pipeline or mart stand.</summary>
public sealed class TriggerReader(TriggerStates states, RunStore runs, TimeProvider clock)
{
    private const int NextRuns = 5;

    public Task<TriggerOverview> ReadAsync(CatalogEntry<PipelineDefinition> entry, CancellationToken cancellationToken) =>
        ReadAsync(TriggeredDefinition.Of(entry), cancellationToken);

    public Task<TriggerOverview> ReadAsync(CatalogEntry<MartDefinition> entry, CancellationToken cancellationToken) =>
        ReadAsync(TriggeredDefinition.Of(entry), cancellationToken);

    private async Task<TriggerOverview> ReadAsync(TriggeredDefinition definition, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var (state, _) = await states.ReadAsync(definition, cancellationToken);
        var last = await runs.ListAsync(definition.Kind, definition.Name, after: null, top: 1, cancellationToken);
        return new TriggerOverview(
            DueTimes.Next(definition.Triggers, now, NextRuns),
            [.. definition.Triggers.Select(trigger => new TriggerView(trigger, DueTimes.Next(trigger, now)))],
            state.Changes is { } changes && definition.OnChange.Any(trigger => trigger.OnChange!.Any(changes.Versions.ContainsKey))
                ? new WaitingChanges(changes.Versions, changes.First, ChangeTriggers.StartsAt(definition, changes))
                : null,
            last.Runs is [var run] ? new LastRun(run.Id, run.Status, run.Trigger, run.Created, run.Started, run.Ended) : null);
    }
}
