using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Tables;

namespace DataPlatform.Processing;

/// <summary>Sees to it that nobody changes what a step does to rows while its target holds rows of before, without saying what becomes of those.</summary>
public sealed class StepChanges(CatalogStore catalog, PipelineCompiler compiler, DeltaTables tables, StepRefreshes refreshes)
{
    /// <summary>To be called before the definition is put.</summary>
    /// <param name="decision">What the caller says; null when nothing.</param>
    /// <exception cref="TerminalException"><c>StepChanged</c> (409), with every step; <c>InvalidPipeline</c>.</exception>
    public async Task DecideAsync(PipelineDefinition pipeline, StepChange? decision, CancellationToken cancellationToken)
    {
        var compiled = await compiler.CompileAsync(pipeline, cancellationToken);
        var current = (await catalog.FindAsync<PipelineDefinition>(pipeline.Name, cancellationToken))?.Definition;
        List<CompiledStep> changed = [];
        List<FailureDetail> details = [];
        foreach (var step in compiled.Steps)
        {
            if (await ChangeOfAsync(compiled, pipeline, current, step, cancellationToken) is not { } change)
                continue;
            changed.Add(step);
            var index = pipeline.Steps.TakeWhile(other => other.Name != step.Name).Count();
            details.Add(new FailureDetail("StepChanged", $"Step '{step.Name}': {change}.", $"$.steps[{index}]"));
        }

        if (changed.Count > 0 && decision is null)
        {
            throw new TerminalException(
                FailureKind.Conflict,
                "StepChanged",
                $"{string.Join(' ', details.Select(detail => detail.Message))} Put it again with ?onStepChange=full_refresh to make all rows anew at the next run, or with "
                + "?onStepChange=continue to leave those that are there as they are.",
                details[0].Target,
                details);
        }

        foreach (var step in changed)
        {
            if (decision == StepChange.FullRefresh)
                await refreshes.AskAsync(pipeline.Name, step, cancellationToken);
            else
                await refreshes.WithdrawAsync(pipeline.Name, step.Name, cancellationToken);
        }
    }

    /// <summary>Whether a step says what it said when it was last put. Its SQL is compared as it was written, so the types of its parameters, which come
    /// with the compiled one, are looked at beside it.</summary>
    private static bool IsAsDecided(StepDefinition before, PipelineDefinition current, StepDefinition after, PipelineDefinition definition) =>
        StepFingerprint.Of(before) == StepFingerprint.Of(after)
        && Types(current).SetEquals(Types(definition));

    private static HashSet<(string, ParameterType)> Types(PipelineDefinition pipeline) => [.. pipeline.Parameters.Select(parameter => (parameter.Name, parameter.Type))];

    internal static string Listed(IReadOnlyList<string> columns) => columns.Count == 0 ? "nothing" : string.Join(", ", columns);

    /// <returns>What is changed; null when nothing is that matters to rows which are there.</returns>
    private async Task<string?> ChangeOfAsync(
        CompiledPipeline pipeline, PipelineDefinition definition, PipelineDefinition? current, CompiledStep step, CancellationToken cancellationToken)
    {
        // Every run of such a step makes all rows anew.
        if (step is { Mode: StepMode.Overwrite, NewSources.Count: 0 })
            return null;
        if (await tables.Get(step.Target).TryGetSnapshotAsync(version: null, cancellationToken) is not { } target)
            return null;

        var writers = target.Transactions
            .Where(entry => entry.Value >= 0 && entry.Key.StartsWith($"{pipeline.Name}/", StringComparison.Ordinal))
            .Select(entry => entry.Key.Split('/'))
            .Where(parts => parts.Length > 2)
            .Select(parts => parts[1])
            .ToHashSet(StringComparer.Ordinal);
        if (!writers.Contains(step.Name))
        {
            var gone = writers.FirstOrDefault(writer => !pipeline.Steps.Any(other => other.Name == writer && other.Target == step.Target));
            return gone is null
                ? null
                : $"it is new, and its table '{step.Target}' holds rows of the step '{gone}', which is no more: it would begin with all rows of its sources and add to those";
        }

        if (step.Mode != StepMode.Overwrite && !target.PartitionColumns.SequenceEqual(step.PartitionBy))
            return $"its files are to be divided by {Listed(step.PartitionBy)}, and those of its table '{step.Target}' are divided by {Listed(target.PartitionColumns)}, which only a full refresh changes";
        var recorded = StepFingerprint.Find(target, pipeline.Name, step.Name);
        var before = current?.Steps.FirstOrDefault(other => other.Name == step.Name && other.Target == step.Target.Name);
        var isSame = recorded == StepFingerprint.Of(step) || (before is null ? recorded is null : IsAsDecided(before, current!, definition.Steps.First(other => other.Name == step.Name), definition));
        return isSame ? null : $"its SQL, mode, key or delete condition is changed, and its table '{step.Target}' holds rows of before";
    }
}
