using DataPlatform.Failures;
using DataPlatform.Lake;
using DataPlatform.Operations;
using DataPlatform.Sql;
using DataPlatform.Tables;

namespace DataPlatform.Processing;

/// <summary>Runs a step's query over one group of new files and stages the result under the target's folder.</summary>
public sealed class GroupRunner(RunStore runs, RunFiles files, DeltaTables tables, SqlEngine engine, ResultStage results)
{
    /// <exception cref="TerminalException">The query failed, or its result cannot be stored.</exception>
    public async Task RunAsync(string runId, int index, int group, CancellationToken cancellationToken)
    {
        var run = await files.ReadAsync<RunPlan>(RunFiles.Plan(runId), cancellationToken);
        var step = run.Pipeline.Steps[index];
        var place = RunFiles.Group(runId, step.Name, group);
        var result = await files.TryReadAsync<GroupResult>(place, cancellationToken);
        if (result is null)
        {
            var plan = await files.ReadAsync<StepPlan>(RunFiles.StepPlan(runId, step.Name), cancellationToken);
            result = await NamingAsync(step, () => StageAsync(step, plan, group, RunFiles.Quarantine(runId, step.Name, group), $"{runId}-{step.Name}-{group}", cancellationToken));
            FaultPoint.Pass("after-stage");
            result = await files.WriteOnceAsync(place, result, cancellationToken);
            FaultPoint.Pass("after-stage");
        }

        await runs.UpdateAsync(
            runId,
            current => current.Steps[index].GroupsDone.Contains(group)
                ? current
                : current.WithStep(index, s => s with { GroupsDone = [.. s.GroupsDone.Append(group).Order()], RowsStaged = (s.RowsStaged ?? 0) + result.Rows }),
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
        CompiledStep step, StepPlan plan, int group, LakePath quarantine, string prefix, CancellationToken cancellationToken)
    {
        await using var session = await engine.OpenAsync(cancellationToken);
        foreach (var input in plan.Inputs)
            await session.MountAsync(input.Table.Name, await SnapshotAsync(input, cancellationToken), options: null, cancellationToken);
        foreach (var input in plan.NewInputs)
        {
            await session.MountNewAsync(
                input, await SnapshotAsync(input.Table, cancellationToken), plan.Groups[group][input.Table.Table.Name], cancellationToken);
        }

        return await results.WriteAsync(session, step, quarantine, prefix, cancellationToken);
    }

    private async Task<Snapshot> SnapshotAsync(PinnedTable pin, CancellationToken cancellationToken)
    {
        var snapshot = await tables.Get(pin.Table).TryGetSnapshotAsync(pin.Version, cancellationToken);
        return snapshot?.TableId == pin.TableId
            ? snapshot
            : throw new TerminalException(
                FailureKind.Conflict, "TableReplaced", $"Table '{pin.Table}' was dropped or made anew while the run was reading it: start the pipeline again.");
    }
}
