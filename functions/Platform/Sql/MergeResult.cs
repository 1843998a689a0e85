using DataPlatform.Tables;

namespace DataPlatform.Sql;

/// <summary>What to commit so that a merge takes place.</summary>
/// <param name="ReadVersion">For <see cref="TableChange.ReadVersion"/>: a later commit makes this result void; -1 when the table does
/// not exist yet.</param>
/// <param name="Columns">All columns of the table after the merge.</param>
/// <param name="Remove">Paths of the files that are rewritten.</param>
/// <param name="Inserted">Rows with keys that the table did not have.</param>
/// <param name="Updated">Rows of the table that new rows replace.</param>
/// <param name="Superseded">New rows that a later new row of the same key replaces.</param>
public sealed record MergeResult(
    long ReadVersion,
    IReadOnlyList<TableColumn> Columns,
    IReadOnlyList<DataFile> Add,
    IReadOnlyList<string> Remove,
    long Inserted,
    long Updated,
    long Superseded)
{
    /// <summary>Rows of the table that are deleted by their key.</summary>
    public long Deleted { get; init; }

    /// <summary>Keys to delete that new rows have too, and which so stay.</summary>
    public long WrittenAndDeleted { get; init; }
}
