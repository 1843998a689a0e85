using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Operations;

namespace DataPlatform.Triggers;

/// <summary>Checks the triggers of a definition about to be put: they name what is there, and start nothing that starts itself again.</summary>
public sealed class TriggerCheck(CatalogStore catalog, TableCatalog tables, TriggerCatalog definitions)
{
    /// <inheritdoc cref="CheckAsync(MartDefinition, CancellationToken)"/>
    public Task CheckAsync(PipelineDefinition pipeline, CancellationToken cancellationToken) =>
        CheckAsync(RunKind.Pipeline, pipeline.Name, pipeline.Triggers, [.. pipeline.Steps.Select(step => step.Target).Distinct()], cancellationToken);

    /// <exception cref="TerminalException"><c>InvalidTriggers</c>: with all mistakes and their places.</exception>
    public Task CheckAsync(MartDefinition mart, CancellationToken cancellationToken) =>
        CheckAsync(RunKind.Refresh, mart.Name, mart.Triggers, [mart.Name], cancellationToken);

    private async Task CheckAsync(
        RunKind kind, string name, IReadOnlyList<TriggerDefinition> triggers, IReadOnlyList<string> targets, CancellationToken cancellationToken)
    {
        if (triggers.Count == 0)
            return;

        List<FailureDetail> mistakes = [];
        for (var i = 0; i < triggers.Count; i++)
            await CheckNamesAsync(triggers[i], $"$.triggers[{i}]", name, targets, mistakes, cancellationToken);

        var self = new TriggeredDefinition(kind, name, 0, default, default, triggers, targets);
        var others = (await definitions.ReadAsync(cancellationToken)).Where(other => other.Key != self.Key);
        if (FindCycle(self, [.. others, self]) is { } cycle)
            mistakes.Add(new FailureDetail("TriggerCycle", $"It would start itself again and again: {cycle}. Take one of these triggers away, or use a schedule there.", "$.triggers"));
        if (mistakes.Count == 0)
            return;

        throw new TerminalException(
            FailureKind.Invalid,
            "InvalidTriggers",
            mistakes.Count == 1
                ? $"The triggers of {self} cannot work. {mistakes[0].Message}"
                : $"The triggers of {self} cannot work: {mistakes.Count} mistakes. The first: {mistakes[0].Message}",
            mistakes[0].Target,
            mistakes);
    }

    private async Task CheckNamesAsync(
        TriggerDefinition trigger, string path, string self, IReadOnlyList<string> targets, List<FailureDetail> mistakes, CancellationToken cancellationToken)
    {
        foreach (var (table, i) in (trigger.OnChange ?? []).Select((table, i) => (table, i)))
        {
            if (!targets.Contains(table) && await tables.FindAsync(table, cancellationToken) is null)
                mistakes.Add(new FailureDetail("TableNotFound", $"There is no dataset, warehouse table or mart '{table}': put its definition first, or correct the name.", $"{path}.onChange[{i}]"));
        }

        foreach (var (pipeline, i) in (trigger.After ?? []).Select((pipeline, i) => (pipeline, i)))
        {
            if (pipeline != self && await catalog.FindAsync<PipelineDefinition>(pipeline, cancellationToken) is null)
                mistakes.Add(new FailureDetail("PipelineNotFound", $"There is no pipeline '{pipeline}': put its definition first, or correct the name.", $"{path}.after[{i}]"));
        }
    }

    /// <returns>In words, from the definition back to itself; null when there is no way.</returns>
    private static string? FindCycle(TriggeredDefinition self, IReadOnlyList<TriggeredDefinition> all)
    {
        var ways = new Dictionary<string, string> { [self.Key] = $"{self}" };
        var reached = new Queue<TriggeredDefinition>([self]);
        while (reached.TryDequeue(out var from))
        {
            foreach (var to in all)
            {
                if (LinkOf(from, to) is not { } link)
                    continue;
                var way = $"{ways[from.Key]} {link} {to}";
                if (to.Key == self.Key)
                    return way;
                if (ways.TryAdd(to.Key, way))
                    reached.Enqueue(to);
            }
        }

        return null;
    }

    private static string? LinkOf(TriggeredDefinition from, TriggeredDefinition to)
    {
        if (from.Targets.FirstOrDefault(to.Watches) is { } table)
            return from.Kind == RunKind.Pipeline ? $"writes '{table}', whose change starts" : "whose change starts";
        return from.Kind == RunKind.Pipeline && to.Follows(from.Name) ? "whose end starts" : null;
    }
}
