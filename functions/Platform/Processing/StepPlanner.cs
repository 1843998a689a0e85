using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Operations;
using DataPlatform.Tables;

namespace DataPlatform.Processing;

/// <summary>Fixes what a step reads and how its work is divided.</summary>
public sealed class StepPlanner(RunFiles files, DeltaTables tables, NewRows newRows, TimeProvider clock)
{
    /// <summary>A step that reads at most so much, as bytes of data files, is small.</summary>
    private const long SmallBytes = 64L << 20;

    /// <exception cref="TerminalException"><c>TableHasNoData</c>, <c>SourceRowsRemoved</c>, <c>SourceHistoryLost</c>, <c>InvalidSplit</c>.</exception>
    public async Task<StepPlan> PlanAsync(string runId, int index, CancellationToken cancellationToken)
    {
        var run = await files.ReadAsync<RunPlan>(RunFiles.Plan(runId), cancellationToken);
        var step = run.Pipeline.Steps[index];
        var (plan, _) = await files.NoteOnceAsync(
            RunFiles.StepPlan(runId, step.Name), () => PlanAsync(run, index, cancellationToken), (current, made) => WithPlan(current, index, made), cancellationToken);
        return plan;
    }

    private static Run WithPlan(Run run, int index, StepPlan plan) =>
        run.HasEnded || run.Steps[index].Status != RunStatus.NotStarted ? run : run.WithStep(index, step => step with
        {
            Status = RunStatus.Running,
            Started = plan.Started,
            FullRefresh = plan.FullRefresh,
            Groups = plan.Groups.Count,
            RowsIn = plan.NewInputs.Count == 0
                ? null
                : plan.NewInputs.SelectMany(input => input.Files).Aggregate((long?)0, (sum, file) => sum + file.Statistics?.Rows),
            Inputs =
            [
                .. plan.NewInputs.Select(input => new RunInput(input.Table.Table.Name, IsNew: true, input.After, input.Table.Version)),
                .. plan.Inputs.Select(input => new RunInput(input.Table.Name, IsNew: false, After: null, input.Version)),
            ],
        });

    private async Task<StepPlan> PlanAsync(RunPlan run, int index, CancellationToken cancellationToken)
    {
        var step = run.Pipeline.Steps[index];
        var ahead = run.IsAhead(step);
        var pins = ahead ? run.Tables.ToDictionary(pin => pin.Table) : await PinsAsync(run, index, cancellationToken);
        var target = await tables.Get(step.Target).TryGetSnapshotAsync(version: null, cancellationToken);
        var pinnedTarget = target is null ? null : new PinnedTable(step.Target, target.TableId, target.Version);

        var missing = step.NewSources.FirstOrDefault(source => !pins.ContainsKey(source))
            ?? step.Sources.FirstOrDefault(source => !pins.ContainsKey(source) && run.Pipeline.Steps.Any(other => other.Target == source));
        if (missing is not null)
            return Skip($"Table '{missing}' has no data yet.");
        if (step.Sources.FirstOrDefault(source => !pins.ContainsKey(source)) is { } empty)
            throw new TerminalException(
                FailureKind.Unprocessable,
                "TableHasNoData",
                $"Step '{step.Name}' reads table '{empty}', which has no data yet: load some first.",
                step.Name);

        var refresh = await IsRefreshAsync(run, index, cancellationToken);
        if (target is not null && !refresh && step.Mode != StepMode.Overwrite && !target.PartitionColumns.SequenceEqual(step.PartitionBy))
            throw new TerminalException(
                FailureKind.Conflict,
                "PartitionsChanged",
                $"Step '{step.Name}' divides its files by {StepChanges.Listed(step.PartitionBy)}, but those of its table '{step.Target}' are divided by {StepChanges.Listed(target.PartitionColumns)}: "
                + "run it with 'fullRefresh', or put back the 'partitionBy' of before.",
                step.Name);
        List<NewInput> inputs = [];
        foreach (var source in step.NewSources)
            inputs.Add(await newRows.FindAsync(run.Pipeline.Name, step, pins[source], refresh ? null : target, ahead ? run.ReadAfter![source.Name] : -1, cancellationToken));

        if (run.Parent is { } parent && inputs.Find(input => input.After > input.Table.Version) is { } overtaken)
        {
            throw new TerminalException(
                FailureKind.Conflict,
                "RunOvertaken",
                $"Step '{step.Name}' cannot go on with run '{parent}': its target has '{overtaken.Table.Table.Name}' up to version {overtaken.After} by now, "
                + $"and that run read up to {overtaken.Table.Version}. Start the pipeline for what is new.",
                step.Name);
        }

        // A target that does not exist yet is made even of no rows, so that the steps behind find its columns.
        if (inputs.Count > 0 && target is not null && !refresh && inputs.TrueForAll(input => input.Files.Count + input.Removed.Count == 0))
        {
            return new StepPlan(
                step.Name, clock.GetUtcNow(), WholeInputs(), inputs, pinnedTarget, [],
                $"Nothing new in {string.Join(", ", step.NewSources.Select(source => $"'{source}'"))}.");
        }

        var split = step.Split is null ? null : await SplitAsync(step, step.Split, pins[step.Split.Table], inputs, cancellationToken);
        var groups = split is null ? Groups(step, inputs) : Partitions(split);
        return new StepPlan(step.Name, clock.GetUtcNow(), WholeInputs(), inputs, pinnedTarget, groups, Skipped: null)
        {
            IsSmall = split is null && groups.Count == 1 && await IsSmallAsync(groups[0], WholeInputs(), cancellationToken),
            FullRefresh = refresh,
            Split = split,
            QualityVersion = step.Expectations.Count == 0
                ? -1
                : (await tables.Get(SystemTables.Quality).TryGetSnapshotAsync(version: null, cancellationToken))?.Version ?? -1,
        };

        IReadOnlyList<PinnedTable> WholeInputs() => [.. step.Sources.Select(source => pins[source])];

        StepPlan Skip(string reason) => new(step.Name, clock.GetUtcNow(), [], [], pinnedTarget, [], reason);
    }

    /// <summary>Whether the step replaces its target. Steps that share one are refreshed together: the first that has something to read replaces it, and
    /// those behind it find their positions gone.</summary>
    private async Task<bool> IsRefreshAsync(RunPlan run, int index, CancellationToken cancellationToken)
    {
        var target = run.Pipeline.Steps[index].Target;
        if (!run.Pipeline.Steps.Any(step => step.Target == target && run.FullRefresh.Contains(step.Name)))
            return false;
        foreach (var earlier in run.Pipeline.Steps.Take(index).Where(step => step.Target == target))
        {
            if ((await files.ReadAsync<StepPlan>(RunFiles.StepPlan(run.Run, earlier.Name), cancellationToken)).FullRefresh)
                return false;
        }

        return true;
    }

    /// <summary>The versions to read: those of the run's beginning, and for tables written earlier in this run those commits.</summary>
    private async Task<Dictionary<TableName, PinnedTable>> PinsAsync(RunPlan run, int index, CancellationToken cancellationToken)
    {
        var pins = run.Tables.ToDictionary(pin => pin.Table);
        foreach (var earlier in run.Pipeline.Steps.Take(index))
        {
            var result = await files.ReadAsync<StepResult>(RunFiles.Result(run.Run, earlier.Name), cancellationToken);
            if (result is { Skipped: false, Target: { } written })
                pins[earlier.Target] = written;
        }

        return pins;
    }

    /// <returns>Null when one activity can take all.</returns>
    /// <exception cref="TerminalException"><c>InvalidSplit</c>: the table has no such column, or one of a type that does not divide.</exception>
    private async Task<SplitPlan?> SplitAsync(
        CompiledStep step, StepSplit split, PinnedTable table, List<NewInput> inputs, CancellationToken cancellationToken)
    {
        var snapshot = await tables.Get(table.Table).TryGetSnapshotAsync(table.Version, cancellationToken);
        foreach (var name in split.By)
        {
            var type = snapshot?.Columns.FirstOrDefault(column => string.Equals(column.Name, name, StringComparison.OrdinalIgnoreCase))?.Type;
            if (type is null or "float" or "double")
                throw new TerminalException(
                    FailureKind.Unprocessable,
                    "InvalidSplit",
                    $"Step '{step.Name}' cannot be divided by '{name}': table '{table.Table}' {(type is null ? "has no such column" : "has floating-point numbers there")}. Correct 'splitBy'.",
                    step.Name);
        }

        var divided = split.IsNew ? inputs[0].Files : snapshot!.Files;
        var groups = FileGroups.Of(divided);
        var partitions = split.Partitions ?? groups.Count;
        return partitions <= 1 || divided.Count == 0 ? null : new SplitPlan(table, split.By, partitions, groups);
    }

    private async Task<bool> IsSmallAsync(
        IReadOnlyDictionary<string, IReadOnlyList<DataFile>> group, IReadOnlyList<PinnedTable> whole, CancellationToken cancellationToken)
    {
        var bytes = group.Values.SelectMany(files => files).Sum(file => file.Size);
        foreach (var pin in whole)
            bytes += bytes > SmallBytes ? 0 : (await tables.ReadPinAsync(pin, cancellationToken)).Files.Sum(file => file.Size);
        return bytes <= SmallBytes;
    }

    private static IReadOnlyList<IReadOnlyDictionary<string, IReadOnlyList<DataFile>>> Partitions(SplitPlan split) =>
        [.. Enumerable.Repeat(new Dictionary<string, IReadOnlyList<DataFile>>(), split.Partitions)];

    private static IReadOnlyList<IReadOnlyDictionary<string, IReadOnlyList<DataFile>>> Groups(CompiledStep step, IReadOnlyList<NewInput> inputs)
    {
        if (step.Parallel == StepParallelism.Files && inputs is [{ Files.Count: > 0 } input])
            return [.. FileGroups.Of(input.Files).Select(group => Of(input, group))];
        return [inputs.ToDictionary(i => i.Table.Table.Name, i => i.Files)];

        static Dictionary<string, IReadOnlyList<DataFile>> Of(NewInput input, IReadOnlyList<DataFile> group) =>
            new() { [input.Table.Table.Name] = group };
    }
}
