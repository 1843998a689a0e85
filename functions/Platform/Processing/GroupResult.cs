using DataPlatform.Tables;

namespace DataPlatform.Processing;

/// <summary>What one activity of a step staged: <c>lake/runs/{run}/{step}/group-{n}.json</c>. The first attempt to write it wins; files of
/// other attempts are in no commit, and vacuum removes them.</summary>
/// <param name="Files">The rows to write.</param>
/// <param name="Rows">How many these are.</param>
/// <param name="Broken">For each expectation of the step the rows that broke it.</param>
public sealed record GroupResult(
    IReadOnlyList<TableColumn> Columns, IReadOnlyList<DataFile> Files, long Rows, IReadOnlyList<long> Broken)
{
    /// <summary>Rows that the expectations looked at: those to write, and the quarantined.</summary>
    public long Checked { get; init; }

    /// <summary>Files beside those of <see cref="Files"/> with the keys to delete; they become part of no commit.</summary>
    public IReadOnlyList<DataFile> Deletes { get; init; } = [];

    /// <summary>Whether it was seen that none of the rows to write has the key of another.</summary>
    public bool KeysDiffer { get; init; }

    /// <summary>Rows of the <c>new.</c> source that inner joins dropped; null when that is not told.</summary>
    public long? Unmatched { get; init; }

    /// <summary>Rows that broke an expectation and are left out.</summary>
    public long Quarantined { get; init; }

    /// <summary>Where these are; null when there are none.</summary>
    public string? Quarantine { get; init; }
}
