using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Operations;
using DataPlatform.Sql;
using DataPlatform.Tables;
using Microsoft.Extensions.Options;

namespace DataPlatform.Processing;

/// <summary>Runs a step's query over one group of new files and stages the result under the target's folder.</summary>
public sealed class GroupRunner(
    RunFiles files,
    DeltaTables tables,
    SqlEngine engine,
    ResultStage results,
    SplitRunner splits,
    StepStops stops,
    IOptions<PlatformOptions> options)
{
    /// <exception cref="TerminalException">The query failed, or its result cannot be stored.</exception>
    public async Task RunAsync(string runId, int index, int group, CancellationToken cancellationToken)
    {
        var run = await files.ReadAsync<RunPlan>(RunFiles.Plan(runId), cancellationToken);
        var step = run.Pipeline.Steps[index];
        await stops.EnsureNotStoppedAsync(runId, step, cancellationToken);
        var staged = false;
        await files.NoteOnceAsync(RunFiles.Group(runId, step.Name, group), MakeAsync, WithResult, cancellationToken);
        if (staged)
            FaultPoint.Pass("after-stage");
        FaultPoint.Pass("after-group");

        async Task<GroupResult> MakeAsync()
        {
            var plan = await files.ReadAsync<StepPlan>(RunFiles.StepPlan(runId, step.Name), cancellationToken);
            var result = await StepNaming.RunAsync(step, () => StageAsync(runId, step, plan, group, cancellationToken));
            staged = true;
            FaultPoint.Pass("after-stage");
            return result;
        }

        Run WithResult(Run current, GroupResult result) => current.HasEnded || current.Steps[index].GroupsDone.Contains(group)
            ? current
            : current.WithStep(index, s => s.WithGroup(group, result.Rows));
    }

    /// <summary>Stages a step of one group for the activity that commits it, too. Only a result that says where rows were kept out is written down: another
    /// attempt plans from the same documents, and finds what was committed in the table's log.</summary>
    /// <returns>Null when the step has its result.</returns>
    /// <exception cref="TerminalException">The query failed, or its result cannot be stored.</exception>
    public async Task<GroupResult?> StageWholeAsync(string runId, int index, CancellationToken cancellationToken)
    {
        var run = await files.ReadAsync<RunPlan>(RunFiles.Plan(runId), cancellationToken);
        var step = run.Pipeline.Steps[index];
        await stops.EnsureNotStoppedAsync(runId, step, cancellationToken);
        if (await files.TryReadAsync<StepResult>(RunFiles.Result(runId, step.Name), cancellationToken) is not null)
            return null;
        var place = RunFiles.Group(runId, step.Name, 0);
        var result = await files.TryReadAsync<GroupResult>(place, cancellationToken);
        if (result is null)
        {
            var plan = await files.ReadAsync<StepPlan>(RunFiles.StepPlan(runId, step.Name), cancellationToken);
            result = await StepNaming.RunAsync(step, () => StageAsync(runId, step, plan, group: 0, cancellationToken));
            FaultPoint.Pass("after-stage");
            if (result.Quarantine is not null)
                result = await files.WriteOnceAsync(place, result, cancellationToken);
            FaultPoint.Pass("after-stage");
        }

        FaultPoint.Pass("after-group");
        return result;
    }

    private async Task<GroupResult> StageAsync(
        string runId, CompiledStep step, StepPlan plan, int group, CancellationToken cancellationToken)
    {
        await using var session = await engine.OpenAsync(cancellationToken);
        session.Disk = new TemporaryDisk(options.Value.ActivityTemporaryBytes);
        var divided = plan.Split is null ? null : step.Split;
        if (divided is not null)
        {
            var partition = await splits.FindAsync(runId, step.Name, plan.Split!, group, cancellationToken);
            await session.MountAsync(divided.Table.Name, divided.IsNew, await tables.ReadPinAsync(plan.Split!.Table, cancellationToken), partition, cancellationToken);
        }

        foreach (var input in plan.Inputs.Where(input => divided is not { IsNew: false } || divided.Table != input.Table))
            await session.MountAsync(input.Table.Name, await tables.ReadPinAsync(input, cancellationToken), options: null, cancellationToken);
        foreach (var input in plan.NewInputs.Where(_ => divided is not { IsNew: true }))
        {
            await session.MountNewAsync(
                input, await tables.ReadPinAsync(input.Table, cancellationToken), plan.Groups[group][input.Table.Table.Name], cancellationToken);
        }

        // All groups go by the version that was planned with, or they would give files of several types.
        IReadOnlyList<TableColumn> into = plan.Target is { } target && step.Mode != StepMode.Overwrite && !plan.FullRefresh
            ? (await tables.ReadPinAsync(target, cancellationToken)).Columns
            : [];
        var unmatched = await CountUnmatchedAsync(session, step, cancellationToken);
        var result = await results.WriteAsync(session, step, into, RunFiles.Quarantine(runId, step.Name, group), $"{runId}-{step.Name}-{group}", cancellationToken);
        return result with { Unmatched = unmatched };
    }

    private static async Task<long?> CountUnmatchedAsync(SqlSession session, CompiledStep step, CancellationToken cancellationToken)
    {
        if (step.Unmatched is null)
            return null;
        try
        {
            return (await session.ReadAsync(step.Unmatched, [], reader => reader.GetInt64(0), cancellationToken))[0];
        }
        catch (TerminalException exception) when (exception.Code == "SqlError")
        {
            // What is wrong with the joins, the step's own SQL says in its author's words; a figure about it stops no step.
            return null;
        }
    }
}
