using System.Text.Json;
using System.Text.Json.Nodes;
using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Operations;
using DataPlatform.Tables;

namespace DataPlatform.Processing;

/// <summary>Ends a step: judges its expectations and commits what its activities staged, once.</summary>
public sealed class StepCommitter(RunFiles files, DeltaTables tables, StepReplacement replacement, StepInputs inputs, AggregateChecks aggregates, StepRefreshes refreshes, QualityLog quality, StepStops stops, TimeProvider clock)
{
    private const int MostNamed = 10;

    /// <exception cref="TerminalException"><c>ExpectationFailed</c>, <c>DuplicateKey</c>, <c>RunOvertaken</c>, or the table cannot take the
    /// result's columns.</exception>
    /// <param name="staged">What the same activity staged, which then is written down nowhere else; null when it is in the run's documents.</param>
    public async Task<StepResult> CommitAsync(string runId, int index, GroupResult? staged, CancellationToken cancellationToken)
    {
        var run = await files.ReadAsync<RunPlan>(RunFiles.Plan(runId), cancellationToken);
        var step = run.Pipeline.Steps[index];
        var plan = await files.ReadAsync<StepPlan>(RunFiles.StepPlan(runId, step.Name), cancellationToken);
        var (result, _) = await files.NoteOnceAsync(
            RunFiles.Result(runId, step.Name),
            () => CommitAsync(run, step, plan, staged, cancellationToken),
            (current, made) => RunFinisher.WhenDone(WithResult(current, index, plan, staged, made), clock.GetUtcNow()),
            cancellationToken);
        return result;
    }

    private Run WithResult(Run run, int index, StepPlan plan, GroupResult? staged, StepResult result) =>
        run.Steps[index].Ended is not null ? run : run.WithStep(index, step => (staged is null ? step : step.WithGroup(0, staged.Rows)) with
        {
            Status = result.Skipped ? RunStatus.Skipped : RunStatus.Succeeded,
            Ended = clock.GetUtcNow(),
            RowsOut = result.RowsOut,
            RowsInserted = result.RowsInserted,
            RowsReplaced = result.RowsReplaced,
            RowsDeleted = result.RowsDeleted,
            RowsWithoutMatch = result.RowsWithoutMatch,
            RowsQuarantined = result.RowsQuarantined == 0 ? null : result.RowsQuarantined,
            TableVersion = result.Skipped ? null : result.Target?.Version,
            Expectations = result.Expectations,
            TakenFrom = result.TakenFrom,
            Note = plan.Skipped ?? (result.Skipped ? "Another run committed these rows, or newer ones." : NoteOf(plan)),
        });

    /// <summary>How far the target has followed, and by which definition. Appends of whole tables follow nothing, and get in nobody's way.</summary>
    private static Dictionary<string, long> TransactionsOf(RunPlan run, CompiledStep step, IReadOnlyList<StepPosition> positions)
    {
        var transactions = positions.ToDictionary(position => position.AppId, position => position.Version, StringComparer.Ordinal);
        if (transactions.Count > 0)
            transactions[StepFingerprint.AppId(run.Pipeline.Name, step.Name)] = StepFingerprint.Of(step);
        return transactions;
    }

    /// <summary>What the step left out is told where people look for its rows.</summary>
    private static string? NoteOf(StepPlan plan)
    {
        var passed = plan.NewInputs.Where(input => input.Passed.Count > 0).Select(input =>
            $"Passed over commits of '{input.Table.Table}' that removed or rewrote rows: version{(input.Passed.Count == 1 ? "" : "s")} {Listed(input.Passed)}.");
        return string.Join(' ', passed) is { Length: > 0 } note ? note : null;

        static string Listed(IReadOnlyList<long> versions) =>
            string.Join(", ", versions.Take(MostNamed)) + (versions.Count > MostNamed ? $" and {versions.Count - MostNamed} more" : "");
    }

    private async Task<StepResult> CommitAsync(RunPlan run, CompiledStep step, StepPlan plan, GroupResult? staged, CancellationToken cancellationToken)
    {
        if (plan.Skipped is not null)
        {
            if (run.IsAhead(step))
                return await NotePositionAsync(run, step, plan, cancellationToken);
            await NoteInputsAsync(run, step, plan, cancellationToken);
            return new StepResult(plan.Target, Skipped: true, RowsOut: 0, RowsReplaced: null, []);
        }

        List<GroupResult> groups = staged is null ? [] : [staged];
        for (var group = groups.Count; group < plan.Groups.Count; group++)
            groups.Add(await files.ReadAsync<GroupResult>(RunFiles.Group(run.Run, step.Name, group), cancellationToken));
        var rows = groups.Sum(group => group.Rows);
        var met = await aggregates.EvaluateAsync(step, groups[0].Columns, [.. groups.SelectMany(group => group.Files)], cancellationToken);
        var expectations = Outcome(step, groups, met);
        await quality.AppendAsync(run, step, expectations, plan.QualityVersion, cancellationToken);
        Judge(step, expectations);

        var positions = StepPosition.Of(run.Pipeline.Name, step, plan);
        var change = new TableChange
        {
            Operation = step.Mode == StepMode.Merge ? "MERGE" : "WRITE",
            Columns = groups[0].Columns,
            Add = [.. groups.SelectMany(group => group.Files)],
            PartitionColumns = step.PartitionBy,
            RemoveAll = step.Mode == StepMode.Overwrite || plan.FullRefresh,
            AllowNewColumns = true,
            OperationId = $"{run.Run}/{step.Name}",
            SinceVersion = plan.Target?.Version ?? -1,
            Transactions = TransactionsOf(run, step, positions),
            Inputs = await inputs.OfAsync(run, step, plan, cancellationToken),
            Extra = Info(run, step, plan),
        };
        try
        {
            var appends = step.Mode == StepMode.Append && !plan.FullRefresh && !run.IsAhead(step);
            if (appends)
                await stops.EnsureMayCommitAsync(run.Run, step, cancellationToken);
            var commit = appends
                ? await tables.Get(step.Target).CommitAsync(change, cancellationToken)
                : await replacement.CommitAsync(run.Run, step, positions, change, [.. groups.SelectMany(group => group.Deletes)], groups is [{ KeysDiffer: true }], cancellationToken);
            FaultPoint.Pass("after-step-commit");
            if (plan.FullRefresh)
                await refreshes.DoneAsync(run.Pipeline, step.Target, cancellationToken);
            var written = await tables.Get(step.Target).TryGetSnapshotAsync(commit.Version, cancellationToken);
            return new StepResult(
                new PinnedTable(step.Target, written!.TableId, commit.Version),
                Skipped: false,
                rows,
                step.Mode == StepMode.Merge ? commit.Info["rowsReplaced"]?.GetValue<long>() : null,
                expectations)
            {
                RowsInserted = commit.Info["rowsInserted"]?.GetValue<long>(),
                RowsDeleted = commit.Info["rowsDeleted"]?.GetValue<long>(),
                RowsWithoutMatch = groups.Aggregate((long?)0, (sum, group) => sum + group.Unmatched),
                RowsQuarantined = groups.Sum(group => group.Quarantined),
            };
        }
        catch (CommitConflictException conflict)
        {
            return await OvertakenAsync(step, plan, positions, conflict, cancellationToken);
        }
    }

    /// <param name="met">For each expectation about all rows together whether it is met.</param>
    private static IReadOnlyList<RunExpectation> Outcome(CompiledStep step, IReadOnlyList<GroupResult> groups, IReadOnlyList<bool> met)
    {
        var rows = groups.Sum(group => group.Checked);
        return
        [
            .. step.Expectations.Select((expectation, i) =>
            {
                var broken = groups.Sum(group => group.Broken[i]);
                return new RunExpectation(expectation.Name, expectation.OnFail, rows, broken) { Met = broken == 0 && met[i] };
            }),
        ];
    }

    private static void Judge(CompiledStep step, IReadOnlyList<RunExpectation> outcome)
    {
        if (outcome.FirstOrDefault(e => e is { OnFail: ExpectationAction.Fail, Met: false }) is not { } failed)
            return;
        throw new TerminalException(
            FailureKind.Unprocessable,
            "ExpectationFailed",
            failed.Broken > 0
                ? $"Step '{step.Name}' committed nothing: {failed.Broken} of {failed.Checked} rows break the expectation '{failed.Name}'."
                : $"Step '{step.Name}' committed nothing: its {failed.Checked} rows together do not meet the expectation '{failed.Name}'.",
            step.Name);
    }

    /// <summary>Another run has committed the same rows, or read newer tables, or the target was restored. Nothing is left to do when it read all of them at least as far.</summary>
    private async Task<StepResult> OvertakenAsync(
        CompiledStep step, StepPlan plan, IReadOnlyList<StepPosition> positions, CommitConflictException conflict, CancellationToken cancellationToken)
    {
        var newest = await tables.Get(step.Target).TryGetSnapshotAsync(version: null, cancellationToken);
        if (newest is null || (step.Mode != StepMode.Append && !positions.Any(position => position.IsOvertaken(newest))))
            throw conflict;
        return !plan.FullRefresh && positions.All(position => position.IsCovered(newest))
            ? new StepResult(new PinnedTable(step.Target, newest.TableId, newest.Version), Skipped: true, 0, null, [])
            : throw new TerminalException(
                FailureKind.Conflict,
                "RunOvertaken",
                $"Another run committed step '{step.Name}', or its target was restored, while this one worked on the same rows: start the pipeline again for the rest.",
                step.Name);
    }

    /// <summary>A slice without rows moves the position all the same: those behind it were staged from there.</summary>
    private async Task<StepResult> NotePositionAsync(RunPlan run, CompiledStep step, StepPlan plan, CancellationToken cancellationToken)
    {
        var positions = StepPosition.Of(run.Pipeline.Name, step, plan);
        var skipped = new StepResult(plan.Target, Skipped: true, RowsOut: 0, RowsReplaced: null, []);
        if (plan.NewInputs.Any(input => input.After >= input.Table.Version))
            return skipped;
        var change = new TableChange
        {
            Operation = "WRITE",
            Columns = [],
            DataChange = false,
            OperationId = $"{run.Run}/{step.Name}",
            SinceVersion = plan.Target?.Version ?? -1,
            Transactions = TransactionsOf(run, step, positions),
            Inputs = await inputs.OfAsync(run, step, plan, cancellationToken),
            Extra = Info(run, step, plan),
        };
        try
        {
            await replacement.CommitAsync(run.Run, step, positions, change, deletes: [], keysDiffer: false, cancellationToken);
            return skipped;
        }
        catch (CommitConflictException conflict)
        {
            return await OvertakenAsync(step, plan, positions, conflict, cancellationToken);
        }
    }

    /// <summary>
    /// A step that finds nothing new in its <c>new.</c> sources adds no rows, but may have read newer versions of the tables it reads whole: rows
    /// to come will follow those. An empty commit says so, or who waits for a batch of such a table would wait for rows of another one.
    /// </summary>
    private async Task NoteInputsAsync(RunPlan run, CompiledStep step, StepPlan plan, CancellationToken cancellationToken)
    {
        if (plan.Target is null || !await inputs.HasNewAsync(step, plan, plan.Target, cancellationToken))
            return;

        await stops.EnsureMayCommitAsync(run.Run, step, cancellationToken);
        try
        {
            await tables.Get(step.Target).CommitAsync(
                new TableChange
                {
                    Operation = "WRITE",
                    Columns = [],
                    DataChange = false,
                    OperationId = $"{run.Run}/{step.Name}",
                    SinceVersion = plan.Target.Version,
                    Transactions = StepPosition.Of(run.Pipeline.Name, step, plan).ToDictionary(position => position.AppId, position => position.Version),
                    Inputs = await inputs.OfAsync(run, step, plan, cancellationToken),
                    Extra = Info(run, step, plan),
                },
                cancellationToken);
        }
        catch (CommitConflictException)
        {
            // Another run has come as far or further, and says so itself.
        }
    }

    private static JsonObject Info(RunPlan run, CompiledStep step, StepPlan plan)
    {
        var reads = plan.NewInputs.Select(input => new RunLineage(input.Table.Table.Name, input.Table.TableId, input.After ?? -1, input.Table.Version))
            .Concat(plan.Inputs.Select(input => new RunLineage(input.Table.Name, input.TableId, null, input.Version)));
        return new JsonObject
        {
            ["run"] = run.Run,
            ["pipeline"] = run.Pipeline.Name,
            ["definitionVersion"] = run.DefinitionVersion,
            ["step"] = step.Name,
            ["reads"] = JsonSerializer.SerializeToNode(reads, PlatformJson.Options),
        };
    }
}
