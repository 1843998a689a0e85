using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Lake;
using DataPlatform.Tables;

namespace DataPlatform.Processing;

/// <summary>Finds the rows of a source that a step has not seen: those of the files that came with data-changing commits since; what it does about
/// rows that went or were rewritten is the step's <see cref="SourceChange"/>.</summary>
public sealed class NewRows(DeltaTables tables, IObjectStore store)
{
    /// <param name="source">Where to read up to.</param>
    /// <param name="target">The table the step writes, whose <c>txn</c> actions say where it stands; null when it does not exist, or is to be made
    /// from the beginning.</param>
    /// <param name="behind">The version that the target will have come to at least when the rows are committed; -1 for none.</param>
    /// <exception cref="TerminalException"><c>SourceRowsRemoved</c>: a commit removed or replaced rows that the target has already.
    /// <c>SourceHistoryLost</c>: the source is another table by now, its log is cut off, or files of removed rows are gone.</exception>
    public async Task<NewInput> FindAsync(
        string pipeline, CompiledStep step, PinnedTable source, Snapshot? target, long behind, CancellationToken cancellationToken)
    {
        var position = $"{pipeline}/{step.Name}/{source.Table.Name}/";
        var appId = position + source.TableId;
        var hasChanges = step.OnSourceChange == SourceChange.Changes;
        if (Math.Max(behind, target is null ? -1 : StepPosition.Find(target, appId) ?? -1) is >= 0 and var after)
        {
            var input = new NewInput(source, after, appId, []) { HasChanges = hasChanges };
            return after < source.Version ? await SinceAsync(input, step, after, cancellationToken) : input;
        }

        if (target is not null && target.Transactions.Any(entry => entry.Value >= 0 && entry.Key.StartsWith(position, StringComparison.Ordinal)))
            throw Lost(source.Table, step.Name, "was dropped and made anew");

        var snapshot = await tables.Get(source.Table).TryGetSnapshotAsync(source.Version, cancellationToken);
        return snapshot?.TableId == source.TableId
            ? new NewInput(source, After: null, appId, snapshot.Files) { HasChanges = hasChanges }
            : throw Lost(source.Table, step.Name, "was dropped and made anew");
    }

    private async Task<NewInput> SinceAsync(NewInput input, CompiledStep step, long after, CancellationToken cancellationToken)
    {
        var table = tables.Get(input.Table.Table);
        var upTo = input.Table.Version;
        var files = new SourceFiles(input.HasChanges ? await FilesAtAsync(table, after, cancellationToken) : []);
        // A file that went with a commit that is passed over, and came back with a restore, came twice: as for a step that had run after each commit.
        List<DataFile> appended = [];
        List<long> passed = [];
        HashSet<string> replaced = new(StringComparer.Ordinal);
        var next = after + 1;
        try
        {
            await foreach (var commit in table.ReadCommitsAsync(after, upTo, cancellationToken))
            {
                if (commit.Version != next++)
                    throw Lost(table.Name, step.Name, "has gaps in its log");
                replaced.UnionWith(commit.Removed.Select(file => file.Path));
                if (commit is { DataChange: true, Removed.Count: > 0 } && step.OnSourceChange != SourceChange.Changes)
                    passed.Add(step.OnSourceChange == SourceChange.Skip ? commit.Version : throw Removed(table.Name, step.Name, after, commit));
                else if (input.HasChanges)
                    files.Apply(commit);
                else if (commit.DataChange)
                    appended.AddRange(commit.Added);
            }
        }
        catch (TerminalException gone) when (gone.Kind == FailureKind.Gone)
        {
            throw Lost(table.Name, step.Name, $"no longer keeps its log behind version {after}", gone);
        }

        if (next != upTo + 1)
            throw Lost(table.Name, step.Name, "has gaps in its log");
        // Files that are still the table's are there. Others are kept for steps, but not for targets that a restore puts further back.
        var added = input.HasChanges ? files.Added : appended;
        foreach (var file in files.Removed.Concat(added.Where(file => replaced.Contains(file.Path))))
        {
            if (await store.GetInfoAsync(DataFiles.Locate(table.Name, file), cancellationToken) is null)
                throw Lost(table.Name, step.Name, $"no longer has all files that were its own behind version {after}");
        }

        return input with { Files = added, Removed = files.Removed, Passed = passed };
    }

    private static async Task<IReadOnlyList<DataFile>> FilesAtAsync(DeltaTable table, long version, CancellationToken cancellationToken)
    {
        try
        {
            return (await table.TryGetSnapshotAsync(version, cancellationToken))?.Files ?? [];
        }
        catch (TerminalException gone) when (gone.Kind == FailureKind.Gone)
        {
            // The commits behind it may still be there, and say nearly as much of the files they remove.
            return [];
        }
    }

    private static TerminalException Removed(TableName table, string step, long after, Commit commit) => new(
        FailureKind.Unprocessable,
        "SourceRowsRemoved",
        $"Step '{step}' has read table '{table}' up to version {after}, and version {commit.Version} ({commit.Operation}) removed "
        + $"or replaced rows. Read '{table}' whole instead of 'new.{table}', let only appends write it, refresh the step fully, or say in 'onSourceChange' what "
        + "becomes of such rows.",
        step);

    private static TerminalException Lost(TableName table, string step, string reason, Exception? inner = null) => new(
        FailureKind.Unprocessable,
        "SourceHistoryLost",
        $"Step '{step}' cannot tell which rows of '{table}' are new: the table {reason}. Refresh the step fully, or write to a new target, which then gets "
        + "all rows.",
        step,
        innerException: inner);
}
