using DataPlatform.Failures;
using DataPlatform.Tables;

namespace DataPlatform.Processing;

/// <summary>Finds the rows of a source that a step has not seen: those of the files added by data-changing commits since.</summary>
public sealed class NewRows(DeltaTables tables)
{
    /// <param name="source">Where to read up to.</param>
    /// <param name="target">The table the step writes, whose <c>txn</c> actions say where it stands; null when it does not exist.</param>
    /// <exception cref="TerminalException"><c>SourceRowsRemoved</c>: a commit removed or replaced rows that the target has already.
    /// <c>SourceHistoryLost</c>: the source is another table by now, or its log is cut off.</exception>
    public async Task<NewInput> FindAsync(
        string pipeline, string step, PinnedTable source, Snapshot? target, CancellationToken cancellationToken)
    {
        var position = $"{pipeline}/{step}/{source.Table.Name}/";
        var appId = position + source.TableId;
        var table = tables.Get(source.Table);
        if (target is not null && target.Transactions.TryGetValue(appId, out var after))
        {
            var files = after < source.Version ? await AddedAsync(table, step, after, source.Version, cancellationToken) : [];
            return new NewInput(source, after, appId, files);
        }

        if (target is not null && target.Transactions.Keys.Any(key => key.StartsWith(position, StringComparison.Ordinal)))
            throw Lost(source.Table, step, "was dropped and made anew");

        var snapshot = await table.TryGetSnapshotAsync(source.Version, cancellationToken);
        return snapshot?.TableId == source.TableId
            ? new NewInput(source, After: null, appId, snapshot.Files)
            : throw Lost(source.Table, step, "was dropped and made anew");
    }

    private static async Task<IReadOnlyList<DataFile>> AddedAsync(
        DeltaTable table, string step, long after, long upTo, CancellationToken cancellationToken)
    {
        List<DataFile> files = [];
        var next = after + 1;
        try
        {
            await foreach (var commit in table.ReadCommitsAsync(after, upTo, cancellationToken))
            {
                if (commit.Version != next++)
                    throw Lost(table.Name, step, "has gaps in its log");
                if (!commit.DataChange)
                    continue;
                if (commit.Removed.Count > 0)
                    throw new TerminalException(
                        FailureKind.Unprocessable,
                        "SourceRowsRemoved",
                        $"Step '{step}' has read table '{table.Name}' up to version {after}, and version {commit.Version} ({commit.Operation}) removed "
                        + $"or replaced rows. Read '{table.Name}' whole instead of 'new.{table.Name}', or let only appends write it.",
                        step);
                files.AddRange(commit.Added);
            }
        }
        catch (TerminalException gone) when (gone.Kind == FailureKind.Gone)
        {
            throw Lost(table.Name, step, $"no longer keeps its log behind version {after}", gone);
        }

        return next == upTo + 1 ? files : throw Lost(table.Name, step, "has gaps in its log");
    }

    private static TerminalException Lost(TableName table, string step, string reason, Exception? inner = null) => new(
        FailureKind.Unprocessable,
        "SourceHistoryLost",
        $"Step '{step}' cannot tell which rows of '{table}' are new: the table {reason}. Write to a new target, which then gets all rows.",
        step,
        innerException: inner);
}
