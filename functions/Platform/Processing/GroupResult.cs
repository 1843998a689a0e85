using DataPlatform.Tables;

namespace DataPlatform.Processing;

/// <summary>What one activity of a step staged: <c>lake/runs/{run}/{step}/group-{n}.json</c>. The first attempt to write it wins; files of
/// other attempts are in no commit, and vacuum removes them.</summary>
/// <param name="Broken">For each expectation of the step the rows that broke it.</param>
public sealed record GroupResult(
    IReadOnlyList<TableColumn> Columns, IReadOnlyList<DataFile> Files, long Rows, IReadOnlyList<long> Broken);
