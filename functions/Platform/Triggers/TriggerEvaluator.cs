using DataPlatform.Operations;
using DataPlatform.Tables;

namespace DataPlatform.Triggers;

/// <summary>Looks at all triggers of one definition.</summary>
public sealed class TriggerEvaluator(TriggerStates states, ScheduleTriggers schedules, ChangeTriggers changes, TimeProvider clock)
{
    internal async Task<TriggerTurn> EvaluateAsync(
        TriggeredDefinition definition, IReadOnlyDictionary<string, TableName> tables, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var (kept, etag) = await states.ReadAsync(definition, cancellationToken);
        List<Run> runs = [];
        if (kept.Decided is { } earlier && await changes.StoreAsync(definition, earlier, cancellationToken) is { } late)
            runs.Add(late);

        var (state, scheduled) = await schedules.EvaluateAsync(definition, kept with { Decided = null }, now, cancellationToken);
        runs.AddRange(scheduled);
        (state, var next) = await changes.EvaluateAsync(definition, state, tables, now, cancellationToken);

        var due = definition.Triggers.Select(trigger => DueTimes.Next(trigger, now)).Min();
        var turn = new TriggerTurn(runs, next is null || due < next ? due : next);
        if (state == kept)
            return turn;
        if (await states.TrySaveAsync(definition, state, etag, cancellationToken) is not { } saved)
            return turn with { Next = now };
        if (state.Decided is not { } decided)
            return turn;

        Failures.FaultPoint.Pass("after-trigger-decision");
        if (await changes.StoreAsync(definition, decided, cancellationToken) is { } run)
            runs.Add(run);
        await states.TrySaveAsync(definition, state with { Decided = null }, saved, cancellationToken);
        return turn;
    }
}
