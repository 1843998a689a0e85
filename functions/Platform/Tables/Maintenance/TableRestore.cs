using System.Collections.Concurrent;
using System.Globalization;
using DataPlatform.Failures;
using DataPlatform.Lake;

namespace DataPlatform.Tables.Maintenance;

/// <summary>
/// Puts a table back to an older version, in one commit: its files, columns, properties and inputs, and the <c>txn</c>s, so that steps and streams
/// go on from where they stood then and bring again what came since. The versions between stay in the log.
/// </summary>
public sealed class TableRestore(DeltaTables tables, IObjectStore store, TableHolds holds, TimeProvider clock)
{
    private const int MaxAttempts = 10;
    private const int ParallelLooks = 16;
    private const int MostNamed = 5;
    private static readonly TimeSpan HoldFor = TimeSpan.FromHours(1);

    /// <summary>The version that a time stands for.</summary>
    /// <exception cref="TerminalException"><c>TableNotFound</c>, <c>TableVersionNotFound</c>, <c>TableVersionGone</c>.</exception>
    public async Task<long> VersionAtAsync(TableName table, DateTimeOffset time, CancellationToken cancellationToken) =>
        await tables.Get(table).TryGetSnapshotAsync(null, cancellationToken) is null
            ? throw NotFound(table)
            : await tables.Get(table).VersionAtAsync(time, cancellationToken);

    /// <param name="operationId">Names this work: found in a commit behind <paramref name="since"/>, it is not done again.</param>
    /// <exception cref="TerminalException"><c>TableNotFound</c>, <c>TableVersionNotFound</c>, <c>TableVersionGone</c>; <c>RestoreFilesGone</c>: files of
    /// the version were vacuumed; <c>TableReplaced</c>: the version is of another table of this name.</exception>
    public async Task<RestoreResult> RunAsync(
        TableName name, long version, string operationId, long since, bool dryRun, CancellationToken cancellationToken)
    {
        var table = tables.Get(name);
        for (var attempt = 1; ; attempt++)
        {
            if (!dryRun && await FindAsync(table, operationId, since, cancellationToken) is { } done)
                return done;
            var now = await table.TryGetStateAsync(null, cancellationToken) ?? throw NotFound(name);
            var then = (await table.TryGetStateAsync(version, cancellationToken))!;
            if (then.Metadata!.Id != now.Metadata!.Id)
            {
                throw new TerminalException(
                    FailureKind.Conflict, "TableReplaced", $"Version {version} of table '{name}' is of another table, which was dropped: it cannot be restored.", "version");
            }

            var change = Change(now, then, operationId, since);
            var result = new RestoreResult(
                null, version, change.Add.Count, change.Add.Sum(file => file.Size), change.Remove.Count,
                change.Remove.Sum(path => now.Files.TryGet(path)!.Size), !now.Metadata.IsSameAs(then.Metadata), change.Transactions);
            if (result is { FilesAdded: 0, FilesRemoved: 0, SchemaChanged: false, Positions.Count: 0 })
                return result;

            // A vacuum that begins now sees the hold; one that may have begun before is waited for.
            if (!dryRun)
                await holds.PutAsync(name, new TableHold(Holder(operationId), now.Metadata.Id, version, clock.GetUtcNow() + HoldFor), cancellationToken);
            try
            {
                if (!dryRun && await holds.ListAsync(name, now.Metadata.Id, cancellationToken).AnyAsync(hold => hold.Holder.StartsWith(TableVacuum.Holder, StringComparison.Ordinal), cancellationToken))
                    throw new TransientException($"Table '{name}' is being vacuumed: restore it in a minute.");
                await EnsureThereAsync(name, version, change.Add, cancellationToken);
                if (dryRun)
                    return result;
                FaultPoint.Pass("before-restore-commit");
                var commit = await table.CommitAsync(change, cancellationToken);
                FaultPoint.Pass("after-restore-commit");
                return ResultOf(commit);
            }
            catch (CommitConflictException) when (attempt < MaxAttempts)
            {
                // Once more, from what the table is now.
            }
            finally
            {
                if (!dryRun)
                    await holds.ReleaseAsync(name, Holder(operationId), CancellationToken.None);
            }
        }
    }

    private static TableChange Change(TableState now, TableState then, string operationId, long since)
    {
        var positions = then.Transactions
            .Where(position => !now.Transactions.TryGetValue(position.Key, out var version) || version != position.Value)
            .ToDictionary(position => position.Key, position => position.Value, StringComparer.Ordinal);
        foreach (var application in now.Transactions.Keys.Where(application => !then.Transactions.ContainsKey(application)))
            positions[application] = -1;
        return new TableChange
        {
            Operation = "RESTORE",
            Parameters = new Dictionary<string, string> { ["version"] = then.Version.ToString(CultureInfo.InvariantCulture) },
            Columns = then.Metadata!.Columns,
            Add = [.. then.Files.Where(file => now.Files.TryGet(file.Path) is null)],
            Remove = [.. now.Files.Where(file => then.Files.TryGet(file.Path) is null).Select(file => file.Path)],
            Transactions = positions,
            PutBack = then,
            ReadVersion = now.Version,
            OperationId = operationId,
            SinceVersion = since,
            Extra = new()
            {
                ["restore"] = new System.Text.Json.Nodes.JsonObject
                {
                    ["schemaChanged"] = !now.Metadata!.IsSameAs(then.Metadata),
                    ["positions"] = new System.Text.Json.Nodes.JsonObject(positions.Select(
                        position => KeyValuePair.Create(position.Key, (System.Text.Json.Nodes.JsonNode?)position.Value))),
                },
            },
        };
    }

    /// <summary>Work of an earlier attempt that landed.</summary>
    private static async Task<RestoreResult?> FindAsync(DeltaTable table, string operationId, long since, CancellationToken cancellationToken)
    {
        await foreach (var commit in table.ReadCommitsAsync(since, null, cancellationToken))
        {
            if (commit.OperationId == operationId)
                return ResultOf(commit);
        }

        return null;
    }

    private static RestoreResult ResultOf(Commit commit)
    {
        var told = commit.Info["restore"]!;
        return new RestoreResult(
            commit.Version,
            long.Parse((string)commit.Info["operationParameters"]!["version"]!, CultureInfo.InvariantCulture),
            commit.Added.Count,
            commit.Added.Sum(file => file.Size),
            commit.Removed.Count,
            commit.Removed.Sum(file => file.Size),
            (bool)told["schemaChanged"]!,
            told["positions"]!.AsObject().ToDictionary(position => position.Key, position => (long)position.Value!, StringComparer.Ordinal));
    }

    private async Task EnsureThereAsync(TableName table, long version, IReadOnlyList<DataFile> files, CancellationToken cancellationToken)
    {
        ConcurrentBag<string> gone = [];
        await Parallel.ForEachAsync(
            files,
            new ParallelOptions { MaxDegreeOfParallelism = ParallelLooks, CancellationToken = cancellationToken },
            async (file, token) =>
            {
                if (await store.GetInfoAsync(DataFiles.Locate(table, file), token) is not { } there || there.Length != file.Size)
                    gone.Add(file.Path);
            });
        if (gone.IsEmpty)
            return;

        var named = string.Join(", ", gone.Order(StringComparer.Ordinal).Take(MostNamed));
        throw new TerminalException(
            FailureKind.Gone,
            "RestoreFilesGone",
            $"Version {version} of table '{table}' cannot be restored: {gone.Count} of its files were vacuumed ({named}{(gone.Count > MostNamed ? ", …" : "")}). "
            + "Restore a newer version.",
            "version");
    }

    private static string Holder(string operationId) => $"run:restore-{operationId}";

    private static TerminalException NotFound(TableName table) =>
        new(FailureKind.NotFound, "TableNotFound", $"Table '{table}' has no data yet.", "table");
}
