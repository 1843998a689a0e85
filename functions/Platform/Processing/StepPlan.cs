using DataPlatform.Tables;

namespace DataPlatform.Processing;

/// <summary>What one step of a run does, fixed before its work is handed out: <c>lake/runs/{run}/{step}/plan.json</c>.</summary>
/// <param name="Inputs">Tables read whole.</param>
/// <param name="NewInputs">Tables read as <c>new.X</c>.</param>
/// <param name="Target">The target as it was; null when it did not exist.</param>
/// <param name="Groups">One activity each: table name to its new files. Empty when the step is skipped.</param>
/// <param name="Skipped">Why there is nothing to do; null when there is.</param>
public sealed record StepPlan(
    string Step,
    DateTimeOffset Started,
    IReadOnlyList<PinnedTable> Inputs,
    IReadOnlyList<NewInput> NewInputs,
    PinnedTable? Target,
    IReadOnlyList<IReadOnlyDictionary<string, IReadOnlyList<DataFile>>> Groups,
    string? Skipped)
{
    /// <summary>Whether everything is read and the target replaced, instead of going on where it stands.</summary>
    public bool FullRefresh { get; init; }

    /// <summary>The version that <see cref="Catalog.SystemTables.Quality"/> had; -1 for none.</summary>
    public long QualityVersion { get; init; } = -1;

    /// <summary>Whether the step reads so little that one activity plans it, works and commits: what lies between activities would cost more
    /// than they do.</summary>
    public bool IsSmall { get; init; }

    /// <summary>How the input is divided by keys before; then each of <see cref="Groups"/>, all empty, is a partition. Null when it is not.</summary>
    public SplitPlan? Split { get; init; }
}
