using DataPlatform.Tables;

namespace DataPlatform.Processing;

/// <summary>Says what the rows of a step's target come from, for the commit that brings them.</summary>
public sealed class StepInputs(DeltaTables tables, TableLineage lineage)
{
    /// <summary>What the table's rows come from after this step. Its other steps keep what their own commits said; of one that has not written yet,
    /// nothing is there.</summary>
    public async Task<WriterInputs> OfAsync(RunPlan run, CompiledStep step, StepPlan plan, CancellationToken cancellationToken)
    {
        var others = new Dictionary<string, IReadOnlyDictionary<string, TableInput>>(StringComparer.Ordinal);
        foreach (var other in run.Pipeline.Steps.Where(other => other.Target == step.Target && other.Name != step.Name))
        {
            var read = other.NewSources.Concat(other.Sources).ToHashSet();
            var nothing = await lineage.OfAsync(run.Tables.Where(pin => read.Contains(pin.Table)).Select(Of), cancellationToken);
            others[other.Name] = nothing.ToDictionary(input => input.Key, input => input.Value with { Version = -1, Read = null });
        }

        return new WriterInputs(
            step.Name, await lineage.OfAsync(plan.NewInputs.Select(input => input.Table).Concat(plan.Inputs).Select(Of), cancellationToken), others);

        static (TableName Table, string TableId, long Version) Of(PinnedTable pin) => (pin.Table, pin.TableId, pin.Version);
    }

    /// <summary>Whether rows came to a table that is read whole, since the step read it last. Commits without rows do not count: two pipelines that read
    /// each other's tables would answer each other's for ever.</summary>
    public async Task<bool> HasNewAsync(CompiledStep step, StepPlan plan, PinnedTable target, CancellationToken cancellationToken)
    {
        if (plan.Inputs.Count == 0)
            return false;
        var known = (await lineage.ReadAsync(target.Table, target.Version, cancellationToken)).GetValueOrDefault(step.Name);
        foreach (var input in plan.Inputs)
        {
            if (known?.GetValueOrDefault(input.Table.Name) is not { Read: { } read } before || before.TableId != input.TableId)
                return true;
            await foreach (var commit in tables.Get(input.Table).ReadCommitsAsync(read, input.Version, cancellationToken))
            {
                if (commit.DataChange)
                    return true;
            }
        }

        return false;
    }
}
