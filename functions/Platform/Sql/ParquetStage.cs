using System.Collections;
using System.Globalization;
using System.Text.RegularExpressions;
using DataPlatform.Failures;
using DataPlatform.Lake;
using DataPlatform.Tables;

namespace DataPlatform.Sql;

/// <summary>
/// Writes a query's result as Parquet (zstd) with the types of a Delta table: first to local disk, where it can be checked, then
/// under the table's folder. Files become part of the table by a commit only; what is never committed is removed by vacuum.
/// </summary>
public sealed partial class ParquetStage(IObjectStore store, ScratchFolder scratch, TimeProvider clock)
{
    private const string ContentType = "application/vnd.apache.parquet";

    /// <param name="select">One SELECT over what the session has mounted, in SQL of our own or inspected.</param>
    /// <exception cref="TerminalException"><c>UnsupportedType</c>, <c>InvalidColumn</c>, <c>SqlError</c>.</exception>
    public async Task<StagedFiles> WriteAsync(
        SqlSession session, string select, ParquetOptions? options, CancellationToken cancellationToken)
    {
        options ??= new ParquetOptions();
        var stored = Columns(await session.DescribeAsync(select, options.Parameters, cancellationToken), options.Into);
        var folder = scratch.NewName("stage", "");
        Directory.CreateDirectory(folder);
        try
        {
            var order = options.SortBy.Count == 0 ? "" : $" ORDER BY {SqlText.Identifiers(options.SortBy)}";
            var copy = string.Create(CultureInfo.InvariantCulture, $"""
                COPY (SELECT {string.Join(", ", stored.Select(c => c.Expression))} FROM (
                {select}
                ){order})
                TO {SqlText.Literal(folder)} (
                    FORMAT parquet, COMPRESSION zstd, RETURN_STATS true, OVERWRITE_OR_IGNORE true,
                    FILE_SIZE_BYTES {options.FileBytes}, FILENAME_PATTERN 'part-{"{i}"}')
                """);
            IReadOnlyList<TableColumn> columns = [.. stored.Select(c => c.Column)];
            var files = await session.Disk.WatchAsync(
                folder,
                token => session.ReadAsync(
                    copy,
                    options.Parameters,
                    reader => new StagedFile(
                        reader.GetString(0),
                        checked((long)reader.GetFieldValue<ulong>(2)),
                        CopyStatistics.Read(columns, checked((long)reader.GetFieldValue<ulong>(1)), (IDictionary)reader.GetValue(4))),
                    token),
                cancellationToken);
            return new StagedFiles(folder, columns, [.. files.Where(file => file.Statistics.Rows > 0)]);
        }
        catch
        {
            Directory.Delete(folder, recursive: true);
            throw;
        }
    }

    /// <summary>Copies staged files under the table's folder, each under a name that no other call uses.</summary>
    /// <param name="prefix">Starts the files' names, so that people see where they come from: <c>[A-Za-z0-9._-]</c>.</param>
    public async Task<IReadOnlyList<DataFile>> UploadAsync(
        StagedFiles staged, TableName table, string prefix, CancellationToken cancellationToken)
    {
        if (!FileNamePrefix().IsMatch(prefix))
            throw new ArgumentException($"'{prefix}' cannot start a file's name.", nameof(prefix));

        List<DataFile> files = [];
        foreach (var file in staged.Files)
        {
            var name = $"{prefix}-{Guid.NewGuid():N}.parquet";
            await using var source = new FileStream(
                file.LocalPath, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.Asynchronous);
            await using var target = await store.OpenWriteAsync(
                table.Root.Append(name), PutCondition.IfAbsent, ContentType, cancellationToken);
            await source.CopyToAsync(target, 1 << 20, cancellationToken);
            if (await target.CompleteAsync(cancellationToken) is null)
                throw new TransientException($"There is a file '{name}' in table '{table}' already.");
            files.Add(new DataFile(
                name, file.Size, DataFile.NoPartition, clock.GetUtcNow().ToUnixTimeMilliseconds(), file.Statistics));
        }

        return files;
    }

    private static List<(TableColumn Column, string Expression)> Columns(
        IReadOnlyList<(string Name, string Type)> result, IReadOnlyList<TableColumn> into)
    {
        HashSet<string> names = new(StringComparer.OrdinalIgnoreCase);
        List<(TableColumn, string)> columns = [];
        foreach (var (name, type) in result)
        {
            if (!ColumnName().IsMatch(name))
                throw new TerminalException(
                    FailureKind.Invalid,
                    "InvalidColumn",
                    $"The result column '{name}' needs a name of letters, digits and '_' that starts with a letter: write AS and a name.",
                    name);
            if (!names.Add(name))
                throw new TerminalException(
                    FailureKind.Invalid,
                    "InvalidColumn",
                    $"The result has the column '{name}' twice: rename one with AS or leave it out.",
                    name);
            columns.Add(Widened(DeltaTypes.FromSql(name, type), into.FirstOrDefault(column => column.Name == name)));
        }

        return columns;
    }

    private static (TableColumn Column, string Expression) Widened((TableColumn Column, string Expression) stored, TableColumn? known) =>
        known is null || !WiderTypes.IsWider(known.Type, stored.Column.Type)
            ? stored
            : (stored.Column with { Type = known.Type },
                $"CAST({SqlText.Identifier(known.Name)} AS {DeltaTypes.ToSql(known.Type)}) AS {SqlText.Identifier(known.Name)}");

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_]{0,127}$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex ColumnName();

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9._-]{0,300}$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex FileNamePrefix();
}
