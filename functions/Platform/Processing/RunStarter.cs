using DataPlatform.Catalog;
using DataPlatform.Operations;
using DataPlatform.Tables;

namespace DataPlatform.Processing;

/// <summary>Begins a run: compiles the pipeline and pins the tables it reads.</summary>
public sealed class RunStarter(
    RunStore runs,
    RunGate gate,
    RunFiles files,
    RunSuccession succession,
    CatalogStore catalog,
    PipelineCompiler compiler,
    StepRefreshes refreshes,
    DeltaTables tables,
    TimeProvider clock)
{
    /// <returns>The plan, or null when there is nothing to do: the run has ended before, or others are before it.</returns>
    public async Task<RunPlan?> BeginAsync(string runId, CancellationToken cancellationToken)
    {
        var run = await runs.GetAsync(runId, cancellationToken);
        if (run.HasEnded || !await gate.TryEnterAsync(run, cancellationToken))
            return null;

        var place = RunFiles.Plan(runId);
        if (run.Parent is not null)
        {
            // What it takes over stands ready before it says that it runs.
            var taken = await files.TryReadAsync<RunPlan>(place, cancellationToken)
                ?? await files.WriteOnceAsync(place, await PlanAsync(run, cancellationToken), cancellationToken);
            await succession.TakeOverAsync(taken, cancellationToken);
        }

        (var plan, run) = await files.NoteOnceAsync(
            place,
            () => PlanAsync(run, cancellationToken),
            (current, planned) => current.Status != RunStatus.NotStarted ? current : current with
            {
                Status = RunStatus.Running,
                Started = clock.GetUtcNow(),
                Plan = place.Value,
                Parameters = ValuesOf(planned),
                Pinned = planned.Tables.ToDictionary(pin => pin.Table.Name, pin => pin.Version),
                Steps = [.. planned.Pipeline.Steps.Select(step => new RunStep { Name = step.Name, Target = step.Target.Name })],
            },
            cancellationToken);

        // Somebody may have canceled it just now.
        return run.HasEnded ? null : plan;
    }

    private async Task<RunPlan> PlanAsync(Run run, CancellationToken cancellationToken)
    {
        if (run.Parent is { } parent)
            return (await files.ReadAsync<RunPlan>(RunFiles.Plan(parent), cancellationToken)) with
            {
                Run = run.Id,
                Parent = parent,
                ReadAfter = null,
                Course = RunPlan.NewestCourse,
            };

        var entry = await catalog.GetAsync<PipelineDefinition>(run.Name, run.DefinitionVersion, cancellationToken);
        var pipeline = await compiler.CompileAsync(entry.Definition, cancellationToken);
        pipeline = pipeline with { Steps = [.. pipeline.Steps.Select(step => WithValues(step, run))] };
        List<PinnedTable> pinned = [];
        foreach (var table in pipeline.Steps.SelectMany(step => step.NewSources.Concat(step.Sources)).Distinct())
        {
            long? version = run.PinAt is { } asked && asked.TryGetValue(table.Name, out var at) ? at : null;
            if (await tables.Get(table).TryGetSnapshotAsync(version, cancellationToken) is { } snapshot)
                pinned.Add(new PinnedTable(table, snapshot.TableId, snapshot.Version));
        }

        // Asked for with this run, and by who changed steps since the last one.
        IReadOnlyList<string> refresh = [.. (run.FullRefresh ?? []).Union(await refreshes.FindAsync(pipeline, cancellationToken))];
        return new RunPlan(run.Id, entry.Version, pipeline, pinned)
        {
            FullRefresh = refresh,
            Course = run.ReadAfter is null ? RunPlan.NewestCourse : RunPlan.AheadCourse,
            ReadAfter = run.ReadAfter,
        };
    }

    /// <summary>Values that the request gave take the place of defaults.</summary>
    private static CompiledStep WithValues(CompiledStep step, Run run)
    {
        return step with { Parameters = Given(step.Parameters), ConditionParameters = Given(step.ConditionParameters) };

        IReadOnlyList<StepParameter> Given(IReadOnlyList<StepParameter> parameters) =>
            [.. parameters.Select(parameter => parameter with { Value = run.Parameters?.GetValueOrDefault(parameter.Name) ?? parameter.Value })];
    }

    private static SortedDictionary<string, string>? ValuesOf(RunPlan plan)
    {
        var values = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var parameter in plan.Pipeline.Steps.SelectMany(step => step.Parameters.Concat(step.ConditionParameters)))
        {
            if (parameter.Value is { } value)
                values[parameter.Name] = value;
        }

        return values.Count == 0 ? null : values;
    }
}
