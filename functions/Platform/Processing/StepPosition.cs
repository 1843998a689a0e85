using DataPlatform.Catalog;
using DataPlatform.Tables;

namespace DataPlatform.Processing;

/// <summary>How far a step's target has followed one of its sources, kept in the target's <c>txn</c> actions.</summary>
/// <param name="AppId">Names step and source there.</param>
/// <param name="Before">The furthest the target may have come for the step's result to be still wanted.</param>
/// <param name="Version">Where the step's commit puts it.</param>
/// <param name="IsExact">Whether it must be no less far either: rows of <c>new.X</c> belong behind those that came before them.</param>
internal sealed record StepPosition(string AppId, long Before, long Version, bool IsExact)
{
    /// <returns>The version up to which the target has a source's rows; null for none of them.</returns>
    public static long? Find(Snapshot target, string appId) =>
        target.Transactions.TryGetValue(appId, out var version) && version >= 0 ? version : null;

    /// <summary>Of every <c>new.</c> source; and of tables read whole, unless the step appends: what replaces rows must not put back those
    /// of an older version of a source.</summary>
    public static IReadOnlyList<StepPosition> Of(string pipeline, CompiledStep step, StepPlan plan) =>
    [
        .. plan.NewInputs.Select(input => plan.FullRefresh
            ? new StepPosition(input.AppId, input.Table.Version, input.Table.Version, IsExact: false)
            : new StepPosition(input.AppId, input.After ?? -1, Math.Max(input.After ?? -1, input.Table.Version), IsExact: true)),
        .. step.Mode == StepMode.Append ? [] : plan.Inputs.Select(input => new StepPosition(
            $"{pipeline}/{step.Name}/{input.Table.Name}@whole/{input.TableId}", input.Version, input.Version, IsExact: false)),
    ];

    /// <summary>Whether another run has taken the target beyond what this one started from, or a restore has put it back.</summary>
    public bool IsOvertaken(Snapshot target)
    {
        var now = target.Transactions.TryGetValue(AppId, out var version) ? version : -1;
        return IsExact ? now != Before : now > Before;
    }

    /// <summary>Whether the target has all that this run would bring it.</summary>
    public bool IsCovered(Snapshot target) => target.Transactions.TryGetValue(AppId, out var version) && version >= Version;
}
