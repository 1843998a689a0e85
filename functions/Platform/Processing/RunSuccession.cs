using DataPlatform.Operations;
using DataPlatform.Tables;

namespace DataPlatform.Processing;

/// <summary>Takes over what a run did that another one goes on with: the results of its steps, which then need no work.</summary>
public sealed class RunSuccession(RunStore runs, RunFiles files, DeltaTables tables)
{
    /// <summary>Again changes nothing.</summary>
    /// <param name="plan">Of the run that goes on.</param>
    public async Task TakeOverAsync(RunPlan plan, CancellationToken cancellationToken)
    {
        var parent = await runs.GetAsync(plan.Parent!, cancellationToken);
        foreach (var (step, index) in plan.Pipeline.Steps.Select((step, index) => (step, index)))
        {
            if (await files.TryReadAsync<StepPlan>(RunFiles.StepPlan(parent.Id, step.Name), cancellationToken) is not { } planned)
                continue;
            var result = await files.TryReadAsync<StepResult>(RunFiles.Result(parent.Id, step.Name), cancellationToken)
                ?? await FindUnnotedAsync(parent, index, step, planned, cancellationToken);
            if (result is null)
                continue;
            await files.WriteOnceAsync(RunFiles.StepPlan(plan.Run, step.Name), planned with { Groups = [], Split = null }, cancellationToken);
            await files.WriteOnceAsync(
                RunFiles.Result(plan.Run, step.Name), result with { TakenFrom = result.TakenFrom ?? parent.Id }, cancellationToken);
        }
    }

    /// <summary>A commit that was made, but whose run failed before it could say so.</summary>
    private async Task<StepResult?> FindUnnotedAsync(Run parent, int index, CompiledStep step, StepPlan planned, CancellationToken cancellationToken)
    {
        if (parent.Steps[index].CommitStarted is null)
            return null;
        var table = tables.Get(step.Target);
        await foreach (var commit in table.ReadCommitsAsync(planned.Target?.Version ?? -1, upTo: null, cancellationToken))
        {
            if (commit.OperationId == $"{parent.Id}/{step.Name}"
                && await table.TryGetSnapshotAsync(commit.Version, cancellationToken) is { } written)
            {
                var rows = commit.Added.Sum(file => file.Statistics?.Rows ?? 0);
                return new StepResult(new PinnedTable(step.Target, written.TableId, commit.Version), planned.Skipped is not null, rows, RowsReplaced: null, []);
            }
        }

        return null;
    }
}
