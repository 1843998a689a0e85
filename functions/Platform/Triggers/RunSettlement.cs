using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Operations;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Triggers;

/// <summary>Sees to what follows from the end of a run: the runs that are to come after it, and the one that waited for it. Doing it again
/// changes nothing; the run's mark goes away last.</summary>
public sealed class RunSettlement(
    RunStore runs, RunIndex index, BackfillDriver backfills, RunGate gate, TriggerCatalog catalog, TriggerHints hints, ILogger<RunSettlement> logger)
{
    /// <returns>Runs to be scheduled.</returns>
    public async Task<IReadOnlyList<Run>> SettleAsync(string runId, CancellationToken cancellationToken)
    {
        var run = await runs.GetAsync(runId, cancellationToken);
        if (!run.HasEnded)
            return [];

        try
        {
            List<Run> next = [.. await FollowAsync(run, cancellationToken)];
            foreach (var step in run.Steps)
                hints.NoteTable(step.Target);
            hints.NoteEnd(run.Kind, run.Name);
            if (run.Trigger?.Backfill is { } part)
                next.AddRange(await backfills.AdvanceAsync(part.Id, cancellationToken));
            await index.AddAsync(run, cancellationToken);
            await runs.CloseAsync(run.Id, cancellationToken);
            if (await gate.FindNextAsync(run.Kind, run.Name, cancellationToken) is { } waiting)
                next.Add(waiting);
            return next;
        }
        catch (Exception exception) when (exception is TransientException or TerminalException)
        {
            Log.NotSettled(logger, run.Id, exception);
            return [];
        }
    }

    private async Task<IReadOnlyList<Run>> FollowAsync(Run run, CancellationToken cancellationToken)
    {
        // One that never began because another was under way is no end to follow.
        if (run.Kind != RunKind.Pipeline || run is { Status: RunStatus.Canceled, Started: null })
            return [];

        List<Run> stored = [];
        foreach (var definition in await catalog.ReadAsync(cancellationToken))
        {
            if (definition.Created > run.Ended || !definition.Triggers.Any(trigger => Follows(trigger, run)))
                continue;
            var id = RunId.Derive(definition.Name, run.Ended!.Value, $"after\n{definition.Kind}\n{definition.Name}\n{run.Id}");
            var request = new RunRequest(definition.Kind, definition.Name, definition.Version, RunStore.TriggerCaller)
            {
                Concurrency = definition.Concurrency,
            };
            if (await runs.TryCreateAsync(request, new RunTrigger { After = run.Id }, id, cancellationToken) is { } follower)
            {
                Log.Started(logger, follower.Id, "run's end");
                stored.Add(follower);
            }
        }

        return stored;
    }

    private static bool Follows(TriggerDefinition trigger, Run run) =>
        trigger is { Enabled: true, After: not null }
        && trigger.After.Contains(run.Name)
        && trigger.On switch
        {
            RunOutcome.Success => run.Status == RunStatus.Succeeded,
            RunOutcome.Failure => run.Status == RunStatus.Failed,
            _ => true,
        };
}
