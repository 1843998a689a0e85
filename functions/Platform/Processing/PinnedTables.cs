using DataPlatform.Failures;
using DataPlatform.Tables;

namespace DataPlatform.Processing;

internal static class PinnedTables
{
    /// <exception cref="TerminalException"><c>TableReplaced</c>.</exception>
    public static async Task<Snapshot> ReadPinAsync(this DeltaTables tables, PinnedTable pin, CancellationToken cancellationToken)
    {
        var snapshot = await tables.Get(pin.Table).TryGetSnapshotAsync(pin.Version, cancellationToken);
        return snapshot?.TableId == pin.TableId
            ? snapshot
            : throw new TerminalException(
                FailureKind.Conflict, "TableReplaced", $"Table '{pin.Table}' was dropped or made anew while the run was reading it: start the pipeline again.");
    }
}
