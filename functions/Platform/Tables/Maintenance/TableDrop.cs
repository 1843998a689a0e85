using DataPlatform.Failures;
using DataPlatform.Lake;

namespace DataPlatform.Tables.Maintenance;

/// <summary>
/// Drops a table: first one commit that ends it, so that nobody reads a part of it from then on, then its files, then what is kept
/// elsewhere, then its log. Of the log stays the tombstone, one commit with its checkpoint: processes that knew the table see that it is gone, and one that is made
/// again under the name goes on with the next version and an id of its own. Cut off anywhere, it is done again from the beginning.
/// </summary>
public sealed class TableDrop(DeltaTables tables, IObjectStore store, IRowStore rows, IEnumerable<TableLeftover> leftovers)
{
    private const int MaxAttempts = 10;
    private const int AtOnce = 100;
    private const int ParallelDeletes = 8;
    private const string LogFolder = "_delta_log/";
    private readonly List<TableLeftover> _leftovers = [.. leftovers];

    /// <returns>Delta's id of the table and its newest version, also when a drop of it came to no end; null when nothing is left.</returns>
    public async Task<(string Id, long Version)?> FindAsync(TableName name, CancellationToken cancellationToken)
    {
        var state = await tables.Get(name).GetLogStateAsync(cancellationToken);
        return state.HasTable || (state.IsDropped && await store.ListAsync(name.Root, null, cancellationToken).AnyAsync(info => !IsOfLog(name, info), cancellationToken))
            ? (state.Metadata!.Id, state.Version)
            : null;
    }

    /// <param name="tableId">Of the table to drop; another one of the name is left alone.</param>
    /// <param name="since">The table version at which it was asked for.</param>
    /// <exception cref="TerminalException"><c>TableNotFound</c>; <c>TableFeatureUnsupported</c>.</exception>
    public async Task<DropResult> RunAsync(
        TableName name, string tableId, string operationId, long since, bool dryRun, CancellationToken cancellationToken)
    {
        var table = tables.Get(name);
        var state = await table.GetLogStateAsync(cancellationToken);
        if (dryRun)
            return state.Exists ? await ToldAsync(name, state, cancellationToken) : throw NotFound(name);

        if (state.HasTable && state.Metadata!.Id == tableId)
        {
            FaultPoint.Pass("before-drop-commit");
            await EndAsync(table, tableId, operationId, since, cancellationToken);
            FaultPoint.Pass("after-drop-commit");
            state = await table.GetLogStateAsync(cancellationToken);
        }

        var also = new Dictionary<string, long>(StringComparer.Ordinal);
        var ended = await EndOfAsync(table, operationId, since, cancellationToken);
        var complete = state.IsDropped && await DeleteFilesAsync(table, state, cancellationToken);
        for (var i = 0; complete && i <= _leftovers.Count; i++)
        {
            // Of a table that was made meanwhile nothing is touched.
            complete = (await table.GetLogStateAsync(cancellationToken)).Version == state.Version;
            if (complete && i == _leftovers.Count)
                also["followers"] = await ForgetFollowersAsync(name, cancellationToken);
            else if (complete)
                also[_leftovers[i].Name] = await _leftovers[i].PurgeAsync(name, false, cancellationToken);
        }

        if (complete)
            await table.CutLogAsync(state, cancellationToken);

        return new DropResult(
            ended?.Version, (long?)ended?.Info["rows"], ended?.Removed.Count ?? 0,
            ended?.Removed.Sum(file => file.Size) ?? 0, !complete, also);
    }

    private static async Task EndAsync(DeltaTable table, string tableId, string operationId, long since, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var state = await table.GetLogStateAsync(cancellationToken);
            if (!state.HasTable || state.Metadata!.Id != tableId)
                return;
            try
            {
                await table.CommitAsync(
                    new TableChange
                    {
                        Operation = "DROP TABLE",
                        Parameters = new Dictionary<string, string>(),
                        Columns = [],
                        RemoveAll = true,
                        Drops = true,

                        // Whoever writes a table made under the name begins anew.
                        Transactions = state.Transactions.Keys.ToDictionary(key => key, _ => -1L, StringComparer.Ordinal),
                        ReadVersion = state.Version,
                        Extra = new() { ["rows"] = state.ToSnapshot().Rows },
                        OperationId = operationId,
                        SinceVersion = since,
                    },
                    cancellationToken);
                return;
            }
            catch (CommitConflictException) when (attempt < MaxAttempts)
            {
                // Somebody still writes it: what came goes too.
            }
        }
    }

    /// <summary>The commit that ended the table.</summary>
    private static async Task<Commit?> EndOfAsync(DeltaTable table, string operationId, long since, CancellationToken cancellationToken)
    {
        var state = await table.GetLogStateAsync(cancellationToken);
        try
        {
            await foreach (var commit in table.ReadCommitsAsync(state.IsDropped ? state.Version - 1 : Math.Max(since, state.LastDrop - 1), null, cancellationToken))
            {
                if (commit.OperationId == operationId)
                    return commit;
            }
        }
        catch (TerminalException gone) when (gone.Kind == FailureKind.Gone)
        {
            // It was done long ago, and another table has gone on since.
        }

        return null;
    }

    /// <summary>Deletes the table's files and what lies beside them, but nothing that came after its end: that may be of a table to come.</summary>
    /// <returns>False when another table was made under the name.</returns>
    private async Task<bool> DeleteFilesAsync(DeltaTable table, TableState dropped, CancellationToken cancellationToken)
    {
        var root = table.Name.Root;
        var end = await store.GetInfoAsync(root.Append(FormattableString.Invariant($"{LogFolder}{dropped.Version:D20}.json")), cancellationToken);
        if (end is null)
            return false;
        List<ObjectInfo> batch = [];
        await foreach (var info in store.ListAsync(root, null, cancellationToken))
        {
            if (IsOfLog(table.Name, info) || info.LastModified > end.LastModified)
                continue;
            batch.Add(info);
            if (batch.Count == AtOnce && !await DeleteAsync())
                return false;
        }

        return await DeleteAsync();

        async Task<bool> DeleteAsync()
        {
            if ((await table.GetLogStateAsync(cancellationToken)).Version != dropped.Version)
                return false;
            await Parallel.ForEachAsync(
                batch,
                new ParallelOptions { MaxDegreeOfParallelism = ParallelDeletes, CancellationToken = cancellationToken },
                async (info, token) =>
                {
                    await store.TryDeleteAsync(info.Path, info.ETag, token);
                    FaultPoint.Pass("drop-file");
                });
            batch.Clear();
            return true;
        }
    }

    private async Task<long> ForgetFollowersAsync(TableName name, CancellationToken cancellationToken) =>
        await Purge.RowsAsync(rows, TableHolds.RowTable, name.Name, dryRun: false, cancellationToken)
        + await Purge.RowsAsync(rows, TableProjector.RowTable, name.Name, dryRun: false, cancellationToken);

    private async Task<DropResult> ToldAsync(TableName name, TableState state, CancellationToken cancellationToken)
    {
        var also = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var leftover in _leftovers)
            also[leftover.Name] = await leftover.PurgeAsync(name, true, cancellationToken);
        return new DropResult(null, state.ToSnapshot().Rows, state.Files.Count, state.Files.Sum(file => file.Size), MadeAnew: false, also);
    }

    private static bool IsOfLog(TableName table, ObjectInfo info) =>
        info.Path.Value[(table.Root.Value.Length + 1)..].StartsWith(LogFolder, StringComparison.Ordinal);

    private static TerminalException NotFound(TableName table) =>
        new(FailureKind.NotFound, "TableNotFound", $"There is no table '{table}'.", "table");
}
