using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Operations;
using DataPlatform.Sql;
using DataPlatform.Tables;

namespace DataPlatform.Processing;

/// <summary>Runs a step's query over one group of new files and stages the result under the target's folder.</summary>
public sealed class GroupRunner(RunStore runs, RunFiles files, DeltaTables tables, SqlEngine engine, ParquetStage stage)
{
    /// <exception cref="TerminalException">The query failed, or its result cannot be stored.</exception>
    public async Task RunAsync(string runId, int index, int group, CancellationToken cancellationToken)
    {
        var run = await files.ReadAsync<RunPlan>(RunFiles.Plan(runId), cancellationToken);
        var step = run.Pipeline.Steps[index];
        var place = RunFiles.Group(runId, step.Name, group);
        if (await files.TryReadAsync<GroupResult>(place, cancellationToken) is null)
        {
            var plan = await files.ReadAsync<StepPlan>(RunFiles.StepPlan(runId, step.Name), cancellationToken);
            var result = await NamingAsync(step, () => StageAsync(step, plan, group, $"{runId}-{step.Name}-{group}", cancellationToken));
            FaultPoint.Pass("after-stage");
            await files.WriteOnceAsync(place, result, cancellationToken);
            FaultPoint.Pass("after-stage");
        }

        await runs.UpdateAsync(
            runId,
            current => current.Steps[index].GroupsDone.Contains(group)
                ? current
                : current.WithStep(index, s => s with { GroupsDone = [.. s.GroupsDone.Append(group).Order()] }),
            cancellationToken);
    }

    /// <summary>The engine knows nothing of steps: its failures say the place within the SQL, and here whose SQL it is.</summary>
    private static async Task<T> NamingAsync<T>(CompiledStep step, Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (TerminalException exception) when (exception.Target != step.Name)
        {
            var target = exception.Target is null or "sql" ? step.Name : exception.Target;
            throw new TerminalException(
                exception.Kind, exception.Code, $"Step '{step.Name}': {exception.Message}", target, exception.Details, exception);
        }
    }

    private async Task<GroupResult> StageAsync(
        CompiledStep step, StepPlan plan, int group, string prefix, CancellationToken cancellationToken)
    {
        await using var session = await engine.OpenAsync(cancellationToken);
        foreach (var input in plan.Inputs)
            await session.MountAsync(input.Table.Name, await SnapshotAsync(input, cancellationToken), options: null, cancellationToken);
        foreach (var input in plan.NewInputs)
        {
            var options = new MountOptions { IsNew = true, Files = plan.Groups[group][input.Table.Table.Name] };
            await session.MountAsync(input.Table.Table.Name, await SnapshotAsync(input.Table, cancellationToken), options, cancellationToken);
        }

        using var staged = await stage.WriteAsync(session, step.Sql, options: null, cancellationToken);
        var broken = await CheckAsync(session, step, staged, cancellationToken);
        return new GroupResult(
            staged.Columns, await stage.UploadAsync(staged, step.Target, prefix, cancellationToken), staged.Rows, broken);
    }

    private async Task<Snapshot> SnapshotAsync(PinnedTable pin, CancellationToken cancellationToken)
    {
        var snapshot = await tables.Get(pin.Table).TryGetSnapshotAsync(pin.Version, cancellationToken);
        return snapshot?.TableId == pin.TableId
            ? snapshot
            : throw new TerminalException(
                FailureKind.Conflict, "TableReplaced", $"Table '{pin.Table}' was dropped or made anew while the run was reading it: start the pipeline again.");
    }

    /// <summary>Counts on the staged files what breaks each expectation, and refuses keys that a merge cannot use.</summary>
    private static async Task<IReadOnlyList<long>> CheckAsync(
        SqlSession session, CompiledStep step, StagedFiles staged, CancellationToken cancellationToken)
    {
        var keys = step.Mode == StepMode.Merge ? step.Key : [];
        if (keys.FirstOrDefault(name => !staged.Columns.Any(column => Same(column.Name, name))) is { } unknown)
            throw new TerminalException(
                FailureKind.Unprocessable, "InvalidKey", $"Step '{step.Name}' merges by '{unknown}', which its result does not have: select it, or correct 'key'.", step.Name);

        var conditions = step.Expectations.Select(expectation => expectation.Condition)
            .Concat(keys.Select(key => $"{SqlText.Identifier(key)} IS NOT NULL"))
            .ToList();
        if (conditions.Count == 0 || staged.Files.Count == 0)
            return [.. step.Expectations.Select(_ => 0L)];

        var relation = SqlText.Relation(staged.Columns, [.. staged.Files.Select(file => file.LocalPath)], complete: true);
        var counts = string.Join(", ", conditions.Select(condition => $"count(*) FILTER (WHERE (\n{condition}\n) IS NOT TRUE)"));
        var rows = await session.ReadAsync(
            $"SELECT {counts} FROM ({relation})",
            [],
            reader => Enumerable.Range(0, conditions.Count).Select(reader.GetInt64).ToArray(),
            cancellationToken);
        for (var i = 0; i < keys.Count; i++)
        {
            if (rows[0][step.Expectations.Count + i] is var nulls and > 0)
                throw new TerminalException(
                    FailureKind.Unprocessable, "NullKey", $"Step '{step.Name}' merges by '{keys[i]}', which is NULL in {nulls} rows of its result: leave them out with WHERE, or give them a value.", step.Name);
        }

        return rows[0][..step.Expectations.Count];
    }

    private static bool Same(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);
}
