using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using DataPlatform.Failures;
using DataPlatform.Tables;
using DataPlatform.Tables.Maintenance;

namespace DataPlatform.Sql.Maintenance;

/// <summary>
/// Deletes or updates the rows that meet a condition, in one commit, by writing anew the files that hold some. Only files that can hold some are
/// read, one after another, so that neither memory nor disk grows with the table. Appends go on meanwhile and keep their rows; after any other commit that
/// brings rows, or removes a file that was read, it looks at what is new in the table too.
/// </summary>
public sealed class RowChanges(
    DeltaTables tables, SqlEngine engine, ParquetStage stage, SqlInspector inspector, IEnumerable<FilesRewritten> followers)
{
    private const int MaxAttempts = 10;
    private const string Rows = "rows_as_they_were";

    /// <summary>Checks a change against the table's columns, without reading a row.</summary>
    /// <param name="target">The place of its document.</param>
    /// <exception cref="TerminalException"><c>InvalidSql</c>, <c>SqlError</c>, <c>InvalidCondition</c>, <c>UnknownColumn</c>, <c>InvalidColumn</c>: with its place.
    /// <c>TableNotFound</c>, <c>UnsupportedType</c>.</exception>
    public async Task CheckAsync(TableName name, RowChange change, string target, CancellationToken cancellationToken) =>
        await CompileAsync(await SnapshotAsync(name, cancellationToken), change, target, cancellationToken);

    /// <param name="operationId">Names the work: found in a commit behind <paramref name="since"/>, it is not done again.</param>
    /// <exception cref="TerminalException">As <see cref="CheckAsync"/>; <c>TableAppendOnly</c>; <c>SqlError</c>: a value cannot be computed.</exception>
    public async Task<RowChangeResult> RunAsync(
        TableName name, RowChange change, string operationId, long since, bool dryRun, CancellationToken cancellationToken)
    {
        var table = tables.Get(name);
        var done = new Done();
        for (var attempt = 1; ; attempt++)
        {
            if (!dryRun && await FindAsync(table, operationId, since, cancellationToken) is { } landed)
                return landed;
            var snapshot = await SnapshotAsync(name, cancellationToken);
            var compiled = await CompileAsync(snapshot, change, "$", cancellationToken);
            var work = await WorkAsync(snapshot, compiled, done, dryRun, cancellationToken);
            if (dryRun || work.Rows == 0)
                return new RowChangeResult(null, work.Rows, compiled.Files.Count, work.Removed.Count, work.Removed.Sum(file => file.Size), dryRun ? null : 0, dryRun ? null : 0);

            foreach (var follower in followers)
                await follower.CarryAsync(snapshot, work.Removed, work.Added, cancellationToken);
            try
            {
                FaultPoint.Pass("before-rows-commit");
                var commit = await table.CommitAsync(CommitOf(snapshot, change, compiled, work) with { OperationId = operationId, SinceVersion = since }, cancellationToken);
                FaultPoint.Pass("after-rows-commit");
                return ResultOf(commit);
            }
            catch (CommitConflictException) when (attempt < MaxAttempts)
            {
                // Somebody rewrote one of the files, or changed rows too. What was written for a file that is gone is in no commit, and goes with a vacuum.
            }
        }
    }

    private async Task<Snapshot> SnapshotAsync(TableName name, CancellationToken cancellationToken)
    {
        var snapshot = await tables.Get(name).TryGetSnapshotAsync(null, cancellationToken)
            ?? throw new TerminalException(FailureKind.NotFound, "TableNotFound", $"Table '{name}' has no data yet.", "table");
        RewrittenTypes.Ensure(snapshot);
        return snapshot;
    }

    private async Task<Compiled> CompileAsync(Snapshot snapshot, RowChange change, string target, CancellationToken cancellationToken)
    {
        var names = snapshot.Columns.Select(column => column.Name).ToList();
        var condition = await inspector.InspectRowExpressionAsync(change.Condition, names, $"{target}.condition", cancellationToken);
        await using var session = await engine.OpenAsync(cancellationToken);
        await session.MountAsync(Rows, snapshot, new MountOptions { Files = [], SystemColumns = true, DeletedRows = true }, cancellationToken);
        if (await TypeAsync(session, change.Condition, $"{target}.condition", cancellationToken) is not "BOOLEAN" and var type)
        {
            throw new TerminalException(
                FailureKind.Invalid, "InvalidCondition", $"The condition must be true or false for a row; it is {type}. Compare it with something.", $"{target}.condition");
        }

        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, expression) in change.Set ?? new Dictionary<string, string>())
        {
            var place = $"{target}.set.{name}";
            var column = SettableColumn(snapshot, name, place);
            await inspector.InspectRowExpressionAsync(expression, names, place, cancellationToken);
            var value = $"CAST((\n{expression}\n) AS {(column.Type == "timestamp" ? "TIMESTAMP" : DeltaTypes.ToSql(column.Type))})";
            await TypeAsync(session, value, place, cancellationToken);
            values[column.Name] = value;
        }

        // Rows by which a key was deleted are nobody's rows: they stay.
        var marked = names.Contains(TableColumn.Deleted) ? $" AND {SqlText.Identifier(TableColumn.Deleted)} IS NOT TRUE" : "";
        return new Compiled(
            $"((\n{change.Condition}\n) IS TRUE{marked})",
            change.Set is null ? null : values,
            await FilePruning.ChooseAsync(session, snapshot, condition.Tree, cancellationToken));
    }

    private static TableColumn SettableColumn(Snapshot snapshot, string name, string place)
    {
        var column = snapshot.Columns.FirstOrDefault(known => known.Name == name)
            ?? throw new TerminalException(
                FailureKind.Invalid, "UnknownColumn", $"Table '{snapshot.Table}' has no column '{name}'; it has {string.Join(", ", snapshot.Columns.Select(known => known.Name))}.", place);
        return name.StartsWith('_') || snapshot.PartitionColumns.Contains(name)
            ? throw new TerminalException(
                FailureKind.Invalid,
                "InvalidColumn",
                $"Column '{name}' cannot be set: {(name.StartsWith('_') ? "it says where rows come from" : "files are kept by it; delete the rows and load them again")}.",
                place)
            : column;
    }

    private static async Task<string> TypeAsync(SqlSession session, string expression, string place, CancellationToken cancellationToken)
    {
        try
        {
            return (await session.DescribeAsync($"SELECT (\n{expression}\n) AS value FROM {Rows}", cancellationToken))[0].Type;
        }
        catch (TerminalException fault) when (fault.Kind == FailureKind.Invalid)
        {
            throw new TerminalException(fault.Kind, fault.Code, fault.Message, place, innerException: fault);
        }
    }

    private async Task<Work> WorkAsync(Snapshot snapshot, Compiled change, Done done, bool dryRun, CancellationToken cancellationToken)
    {
        var work = new Work();
        done.BeginWith(snapshot);
        foreach (var file in change.Files)
        {
            if (!done.Files.TryGetValue(file.Path, out var changed))
                done.Files[file.Path] = changed = await ChangeAsync(snapshot, file, change, dryRun, cancellationToken);
            if (changed.Rows == 0)
                continue;
            work.Rows += changed.Rows;
            work.Removed.Add(file);
            work.Added.AddRange(changed.Added);
        }

        return work;
    }

    private async Task<ChangedFile> ChangeAsync(Snapshot snapshot, DataFile file, Compiled change, bool dryRun, CancellationToken cancellationToken)
    {
        await using var session = await engine.OpenAsync(cancellationToken);
        await session.MountAsync(Rows, snapshot, new MountOptions { Files = [file], SystemColumns = true, DeletedRows = true }, cancellationToken);
        var (all, met) = (await session.ReadAsync(
            $"SELECT count(*), count(*) FILTER (WHERE {change.Condition}) FROM {Rows}", [], reader => (reader.GetInt64(0), reader.GetInt64(1)), cancellationToken))[0];
        if (met == 0 || dryRun || (change.Values is null && met == all))
            return new ChangedFile(met, []);

        using var staged = await stage.WriteAsync(session, SelectOf(snapshot, file, change), options: null, cancellationToken);
        if (staged.Rows != (change.Values is null ? all - met : all))
            throw new TerminalException(FailureKind.Internal, "TableFilesDiffer", $"The file '{file.Path}' of table '{snapshot.Table}' was read twice and differed. It was left alone.", snapshot.Table.Name);
        var added = await stage.UploadAsync(staged.Of(file.PartitionValues), snapshot.Table, change.Values is null ? "delete" : "update", cancellationToken);
        FaultPoint.Pass("rows-file");
        return new ChangedFile(met, added);
    }

    private static string SelectOf(Snapshot snapshot, DataFile file, Compiled change)
    {
        var columns = snapshot.Columns.Where(column => !snapshot.PartitionColumns.Contains(column.Name) && !IsSpared(column, file)).Select(column => column.Name);
        return change.Values is null
            ? $"SELECT {SqlText.Identifiers(columns)} FROM {Rows} WHERE NOT {change.Condition}"
            : $"SELECT {string.Join(", ", columns.Select(Value))} FROM {Rows}";

        string Value(string column) => change.Values!.TryGetValue(column, out var value)
            ? $"CASE WHEN {change.Condition} THEN {value} ELSE {SqlText.Identifier(column)} END AS {SqlText.Identifier(column)}"
            : SqlText.Identifier(column);
    }

    /// <summary>Files without the mark of deleted rows are read faster.</summary>
    private static bool IsSpared(TableColumn column, DataFile file) =>
        column.Name == TableColumn.Deleted && file.Statistics is { } known && !known.NullCount.ContainsKey(column.Name);

    private static TableChange CommitOf(Snapshot snapshot, RowChange change, Compiled compiled, Work work)
    {
        // A promise of no nulls ends with the first one that is set.
        var nulls = work.Added.SelectMany(file => file.Statistics!.NullCount).Where(count => count.Value > 0).Select(count => count.Key).ToHashSet(StringComparer.Ordinal);
        return new TableChange
        {
            Operation = change.Set is null ? "DELETE" : "UPDATE",
            Parameters = new Dictionary<string, string> { ["predicate"] = $"[\"{JsonEncodedText.Encode(change.Condition, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"]" },
            Columns = [.. snapshot.Columns.Select(column => column with { Nullable = column.Nullable || nulls.Contains(column.Name) })],
            Add = work.Added,
            Remove = [.. work.Removed.Select(file => file.Path)],
            ReadVersion = snapshot.Version,
            ReadFiles = [.. compiled.Files.Select(file => file.Path)],
            Extra = new JsonObject { ["rows"] = work.Rows, ["filesRead"] = compiled.Files.Count },
        };
    }

    /// <summary>Work of an earlier attempt that landed.</summary>
    private static async Task<RowChangeResult?> FindAsync(DeltaTable table, string operationId, long since, CancellationToken cancellationToken)
    {
        await foreach (var commit in table.ReadCommitsAsync(since, null, cancellationToken))
        {
            if (commit.OperationId == operationId)
                return ResultOf(commit);
        }

        return null;
    }

    private static RowChangeResult ResultOf(Commit commit) => new(
        commit.Version,
        (long)commit.Info["rows"]!,
        (int)commit.Info["filesRead"]!,
        commit.Removed.Count,
        commit.Removed.Sum(file => file.Size),
        commit.Added.Count,
        commit.Added.Sum(file => file.Size));

    /// <param name="Condition">In SQL of ours: true or false, never NULL.</param>
    /// <param name="Values">Column to its new value in SQL; null deletes.</param>
    private sealed record Compiled(string Condition, IReadOnlyDictionary<string, string>? Values, IReadOnlyList<DataFile> Files);

    /// <summary>What became of the files that were read. Files never change: work that was done is good for the next attempt, as long as the table has the same columns.</summary>
    private sealed class Done
    {
        private Snapshot? _of;

        public Dictionary<string, ChangedFile> Files { get; } = new(StringComparer.Ordinal);

        public void BeginWith(Snapshot snapshot)
        {
            if (_of is not null && !(_of.TableId == snapshot.TableId && _of.Columns.SequenceEqual(snapshot.Columns) && _of.PartitionColumns.SequenceEqual(snapshot.PartitionColumns)))
                Files.Clear();
            _of = snapshot;
        }
    }

    /// <param name="Rows">How many meet the condition.</param>
    /// <param name="Added">The file written anew; none when all its rows go, or it stays.</param>
    private sealed record ChangedFile(long Rows, IReadOnlyList<DataFile> Added);

    private sealed class Work
    {
        public long Rows { get; set; }

        public List<DataFile> Removed { get; } = [];

        public List<DataFile> Added { get; } = [];
    }
}
