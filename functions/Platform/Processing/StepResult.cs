using DataPlatform.Operations;

namespace DataPlatform.Processing;

/// <summary>How a step ended: <c>lake/runs/{run}/{step}/result.json</c>.</summary>
/// <param name="Target">The target at the step's commit; when the step was skipped, as it was, or null when it does not exist.</param>
public sealed record StepResult(
    PinnedTable? Target,
    bool Skipped,
    long RowsOut,
    long? RowsReplaced,
    IReadOnlyList<RunExpectation> Expectations)
{
    /// <summary>Of a merge.</summary>
    public long? RowsInserted { get; init; }

    /// <summary>Of a merge.</summary>
    public long? RowsDeleted { get; init; }

    public long? RowsWithoutMatch { get; init; }

    public long RowsQuarantined { get; init; }

    /// <summary>The run that did it, when this one took it over.</summary>
    public string? TakenFrom { get; init; }
}
