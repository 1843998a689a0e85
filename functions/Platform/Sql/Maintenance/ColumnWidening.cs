using System.Text.Json.Nodes;
using DataPlatform.Failures;
using DataPlatform.Tables;
using DataPlatform.Tables.Maintenance;

namespace DataPlatform.Sql.Maintenance;

/// <summary>
/// Gives columns of a table wider types, in one commit that changes no data. Delta's own type widening is a table feature that readers must know; here every
/// file is written anew instead, one after another, so that any reader finds the types that the log names. Appends go on meanwhile: what they bring is
/// written anew too before the commit.
/// </summary>
public sealed class ColumnWidening(DeltaTables tables, SqlEngine engine, ParquetStage stage, IEnumerable<FilesRewritten> followers)
{
    private const int MaxAttempts = 20;
    private readonly FileRewriter _rewriter = new(engine, stage, followers);

    /// <param name="columns">Column to its new type, in Delta's words.</param>
    /// <param name="operationId">Names the work: found in a commit behind <paramref name="since"/>, it is not done again.</param>
    /// <exception cref="TerminalException"><c>TableNotFound</c>, <c>UnknownColumn</c>, <c>UnsupportedType</c>; <c>NotWider</c>: the type does not hold all values of
    /// the column's.</exception>
    public async Task<WideningResult> RunAsync(
        TableName name, IReadOnlyDictionary<string, string> columns, string operationId, long since, bool dryRun, CancellationToken cancellationToken)
    {
        var table = tables.Get(name);
        var rewritten = new Dictionary<string, IReadOnlyList<DataFile>>(StringComparer.Ordinal);
        Snapshot? before = null;
        for (var attempt = 1; ; attempt++)
        {
            if (!dryRun && await FindAsync(table, operationId, since, cancellationToken) is { } landed)
                return landed;
            var snapshot = await table.TryGetSnapshotAsync(null, cancellationToken)
                ?? throw new TerminalException(FailureKind.NotFound, "TableNotFound", $"Table '{name}' has no data yet.", "table");
            RewrittenTypes.Ensure(snapshot);
            var wide = Wide(snapshot, columns);
            var changed = wide.Except(snapshot.Columns).ToDictionary(column => column.Name, column => column.Type, StringComparer.Ordinal);
            if (dryRun || changed.Count == 0)
            {
                IReadOnlyList<DataFile> files = changed.Count == 0 ? [] : snapshot.Files;
                return new WideningResult(null, changed, files.Count, files.Sum(file => file.Size), dryRun ? null : 0, dryRun ? null : 0);
            }

            // Files never change: work that was done is good for the next attempt, as long as they are to have the same columns.
            if (before is not null && !(before.TableId == snapshot.TableId && before.Columns.SequenceEqual(snapshot.Columns)))
                rewritten.Clear();
            before = snapshot;
            foreach (var file in snapshot.Files)
            {
                if (!rewritten.ContainsKey(file.Path))
                    rewritten[file.Path] = await _rewriter.RewriteAsync(snapshot, wide, [file], new ParquetOptions(), "widen", file.Tags, cancellationToken);
                FaultPoint.Pass("widened-file");
            }

            try
            {
                FaultPoint.Pass("before-widening-commit");
                var commit = await table.CommitAsync(
                    new TableChange
                    {
                        Operation = "CHANGE COLUMN",
                        Parameters = changed,
                        Columns = wide,
                        Add = [.. snapshot.Files.SelectMany(file => rewritten[file.Path])],
                        RemoveAll = true,
                        DataChange = false,
                        ReadVersion = snapshot.Version,
                        OperationId = operationId,
                        SinceVersion = since,
                        Extra = new JsonObject { ["widened"] = new JsonObject(changed.Select(column => KeyValuePair.Create(column.Key, (JsonNode?)column.Value))) },
                    },
                    cancellationToken);
                FaultPoint.Pass("after-widening-commit");
                return ResultOf(commit);
            }
            catch (CommitConflictException) when (attempt < MaxAttempts)
            {
                // Rows came or went meanwhile: look at what is new.
            }
        }
    }

    private static IReadOnlyList<TableColumn> Wide(Snapshot snapshot, IReadOnlyDictionary<string, string> columns)
    {
        if (columns.Keys.FirstOrDefault(name => snapshot.Columns.All(column => column.Name != name) || name.StartsWith('_')) is { } unknown)
            throw new TerminalException(FailureKind.Invalid, "UnknownColumn", $"Table '{snapshot.Table}' has no column '{unknown}' that can be widened.", $"$.columns.{unknown}");
        return [.. snapshot.Columns.Select(column => columns.TryGetValue(column.Name, out var type) && type != column.Type ? Widened(snapshot, column, type) : column)];
    }

    private static TableColumn Widened(Snapshot snapshot, TableColumn column, string type)
    {
        if (!WiderTypes.IsWider(type, column.Type))
        {
            throw new TerminalException(
                FailureKind.Invalid,
                "NotWider",
                $"Column '{column.Name}' of table '{snapshot.Table}' is {column.Type}, and {type} does not hold all its values: choose a wider type, or another column.",
                $"$.columns.{column.Name}");
        }

        // Partitions are told apart by the texts of their values, which must stay.
        return snapshot.PartitionColumns.Contains(column.Name) && (column.Type, type) is not ("integer", "long")
            ? throw new TerminalException(
                FailureKind.Invalid, "NotWider", $"Files of table '{snapshot.Table}' are divided by '{column.Name}': it can become a long only, from an integer.", $"$.columns.{column.Name}")
            : column with { Type = type };
    }

    /// <summary>Work of an earlier attempt that landed.</summary>
    private static async Task<WideningResult?> FindAsync(DeltaTable table, string operationId, long since, CancellationToken cancellationToken)
    {
        await foreach (var commit in table.ReadCommitsAsync(since, null, cancellationToken))
        {
            if (commit.OperationId == operationId)
                return ResultOf(commit);
        }

        return null;
    }

    private static WideningResult ResultOf(Commit commit) => new(
        commit.Version,
        commit.Info["widened"]!.AsObject().ToDictionary(column => column.Key, column => column.Value!.GetValue<string>(), StringComparer.Ordinal),
        commit.Removed.Count,
        commit.Removed.Sum(file => file.Size),
        commit.Added.Count,
        commit.Added.Sum(file => file.Size));
}
