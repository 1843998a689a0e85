using DataPlatform.Catalog;

namespace DataPlatform.Platform.Tests.Processing.Incremental;

/// <summary>What a run of a pipeline means, told by lists of rows alone.</summary>
public sealed class ModelRun
{
    private readonly IReadOnlyDictionary<string, ModelTable> _tables;
    private readonly IReadOnlyList<ModelStep> _steps;
    private readonly TimeSpan _maxLag;
    private readonly TimeSpan _retention;
    private readonly Dictionary<string, ModelPosition> _pins;
    private readonly List<ModelPlan> _plans = [];

    /// <param name="maxLag">A source may forget what its followers left unread for longer.</param>
    /// <param name="retention">The same of targets whose position was put back.</param>
    public ModelRun(IReadOnlyDictionary<string, ModelTable> tables, IReadOnlyList<ModelStep> steps, TimeSpan maxLag, TimeSpan retention)
    {
        (_tables, _steps, _maxLag, _retention) = (tables, steps, maxLag, retention);
        _pins = steps.SelectMany(step => step.New.Concat(step.Whole)).Distinct()
            .Where(name => tables[name].Exists)
            .ToDictionary(name => name, name => new ModelPosition(tables[name].Life, tables[name].Newest));
    }

    public IReadOnlyList<ModelPlan> Plans => _plans;

    /// <summary>Fixes what the next step reads.</summary>
    public ModelPlan Plan(DateTimeOffset now)
    {
        var step = _steps[_plans.Count];
        var plan = Plan(step, now);
        _plans.Add(plan);
        return plan;
    }

    /// <summary>Commits the step planned last.</summary>
    /// <returns>The error with which it has to stop; null when it went well.</returns>
    public string? Commit(DateTimeOffset now, long? version)
    {
        var (step, plan) = (_steps[_plans.Count - 1], _plans[^1]);
        if (plan.IsSkipped)
            return null;
        var target = _tables[step.Target];
        var moved = step.New.Any(source => PositionOf(step, source) != plan.Before[source]);
        var overtaken = moved || Wholes(step).Any(source => PositionOf(step, source) is { } there && there.Life == plan.Positions[source].Life && there.Version > plan.Positions[source].Version);
        if (overtaken)
        {
            return plan.Positions.All(position => PositionOf(step, position.Key) is { } there && there.Life == position.Value.Life && there.Version >= position.Value.Version)
                ? null
                : "RunOvertaken";
        }

        var rows = step.Compute(plan.Reads).ToList();

        // What follows changes is what the source is; there may have been none but of files.
        var follows = step.OnSourceChange == SourceChange.Changes;
        if (follows && version is null)
            return rows.ToHashSet().SetEquals(target.Now.Rows) ? null : "a commit of its changes";
        var positions = (target.Exists ? target.Now.Positions : []).SetItems(plan.Positions.Select(position => KeyValuePair.Create((step.Name, position.Key), position.Value)));
        if (version is { } known)
            target.Fill(known - 1, now);
        switch (step.Mode)
        {
            case StepMode.Append:
                target.Append(rows, now, positions);
                break;
            case StepMode.Overwrite:
            case StepMode.Merge when follows:
                target.Overwrite(rows, now, positions);
                break;
            default:
                target.Merge(rows, step.Key!, now, positions);
                break;
        }

        _pins[step.Target] = new ModelPosition(target.Life, target.Newest);
        return null;
    }

    private ModelPlan Plan(ModelStep step, DateTimeOffset now)
    {
        Dictionary<string, IReadOnlyList<ModelRow>> reads = [];
        Dictionary<string, ModelPosition> positions = [];
        HashSet<string> may = [];
        string? must = null;
        var isNew = false;
        var before = step.New.ToDictionary(source => source, source => PositionOf(step, source));
        if (step.New.Any(source => !_pins.ContainsKey(source)) || step.Whole.Any(source => !_pins.ContainsKey(source) && _steps.Any(other => other.Target == source)))
            return new ModelPlan(null, may, true, reads, positions, before);
        if (step.Whole.Any(source => !_pins.ContainsKey(source)))
            return new ModelPlan("TableHasNoData", may, false, reads, positions, before);

        foreach (var source in step.Whole)
            reads[source] = _tables[source][_pins[source].Version].Rows;
        foreach (var source in Wholes(step))
            positions[source] = _pins[source[..^"@whole".Length]];
        foreach (var source in step.New)
        {
            var (pin, table) = (_pins[source], _tables[source]);
            positions[source] = pin;
            if (before[source] is not { } after)
            {
                reads[source] = table[pin.Version].Rows;
                isNew |= reads[source].Count > 0;
                continue;
            }

            if (after.Life != pin.Life)
            {
                must ??= "SourceHistoryLost";
                continue;
            }

            // A run that began later may be further already.
            var commits = Enumerable.Range((int)after.Version + 1, (int)Math.Max(0, pin.Version - after.Version)).Select(version => table[version]).ToList();
            if (step.OnSourceChange == SourceChange.Fail && commits.Exists(commit => commit.Removes))
                must ??= "SourceRowsRemoved";
            if (commits.Count > 0 && now - commits[0].At >= (_tables[step.Target].WasRestored ? _retention : _maxLag))
                may.Add("SourceHistoryLost");
            isNew |= commits.Exists(commit => commit.Inserted.Count > 0 && !commit.Removes);
            if (step.OnSourceChange == SourceChange.Changes)
            {
                reads[source] = table[pin.Version].Rows;
                isNew |= commits.Exists(commit => commit.Removes);
            }
            else
            {
                reads[source] = [.. commits.Where(commit => !commit.Removes).SelectMany(commit => commit.Inserted)];
            }
        }

        var nothing = must is null && step.New.Length > 0 && _tables[step.Target].Exists && !isNew;
        return new ModelPlan(must, may, nothing, reads, positions, before);
    }

    // What replaces rows also remembers how new the tables were that it read whole.
    private static IEnumerable<string> Wholes(ModelStep step) => step.Mode == StepMode.Append ? [] : step.Whole.Select(source => $"{source}@whole");

    private ModelPosition? PositionOf(ModelStep step, string source) =>
        _tables[step.Target] is { Exists: true } target ? target.Now.Positions.GetValueOrDefault((step.Name, source)) : null;
}
