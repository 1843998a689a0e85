using System.Collections;
using System.Globalization;
using System.Text.RegularExpressions;
using DataPlatform.Failures;
using DataPlatform.Lake;
using DataPlatform.Tables;
using Microsoft.Extensions.Options;

namespace DataPlatform.Sql;

/// <summary>
/// Writes a query's result as Parquet (zstd) with the types of a Delta table: first to local disk, where it can be checked, then
/// under the table's folder. Files become part of the table by a commit only; what is never committed is removed by vacuum.
/// </summary>
public sealed partial class ParquetStage(IObjectStore store, ScratchFolder scratch, TimeProvider clock, IOptions<PlatformOptions> settings)
{
    private const string ContentType = "application/vnd.apache.parquet";
    private const int ParallelUploads = 4;

    // The engine closes and begins files anew beyond 100 open ones; sorted rows need one at a time.
    private const int MostOpen = 80;

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
            IReadOnlyList<TableColumn> columns = [.. stored.Select(c => c.Column)];
            var rows = $"SELECT {string.Join(", ", stored.Select(c => c.Expression))} FROM (\n{select}\n)";
            if (options.SortBy.Count > 0)
                rows += $" ORDER BY {SqlText.Identifiers(options.SortBy)}";
            var files = options.PartitionBy.Count == 0
                ? await CopyAsync(session, rows, columns, folder, options, division: null, cancellationToken)
                : await DivideAsync(session, rows, columns, folder, options, cancellationToken);
            return new StagedFiles(folder, columns, [.. files.Where(file => file.Statistics.Rows > 0)]);
        }
        catch
        {
            Directory.Delete(folder, recursive: true);
            throw;
        }
    }

    private async Task<IReadOnlyList<StagedFile>> DivideAsync(
        SqlSession session, string rows, IReadOnlyList<TableColumn> columns, string folder, ParquetOptions options, CancellationToken cancellationToken)
    {
        await using var partitions = await PartitionStage.CreateAsync(
            session, rows, columns, options.PartitionBy, settings.Value.PartitionsPerWrite, options.Parameters, cancellationToken);
        IReadOnlyList<TableColumn> kept = [.. columns.Except(partitions.Columns)];
        switch (partitions.Values)
        {
            case []:
                return [];
            case [var only]:
                var whole = await CopyAsync(session, $"SELECT {SqlText.Identifiers(kept.Select(column => column.Name))} FROM ({rows})", kept, folder, options, division: null, cancellationToken);
                return [.. whole.Select(file => file with { PartitionValues = only })];
            default:
                var numbered = partitions.Numbered(rows, columns);
                if (partitions.Values.Count > MostOpen)
                    numbered += $" ORDER BY {string.Join(", ", options.SortBy.Except(options.PartitionBy).Select(SqlText.Identifier).Prepend(partitions.Number))}";
                var divided = await CopyAsync(session, numbered, kept, folder, options, partitions.Number, cancellationToken);
                List<StagedFile> files = [];
                foreach (var file in divided)
                {
                    var parts = file.Size <= options.FileBytes + (options.FileBytes / 4) ? [file] : await SplitAsync(session, file, kept, options, cancellationToken);
                    files.AddRange(parts.Select(part => part with { PartitionValues = partitions.Values[NumberOf(file) - 1] }));
                }

                return files;
        }

        static int NumberOf(StagedFile file)
        {
            var place = Path.GetFileName(Path.GetDirectoryName(file.LocalPath))!;
            return int.Parse(place.AsSpan(place.IndexOf('=', StringComparison.Ordinal) + 1), CultureInfo.InvariantCulture);
        }
    }

    /// <summary>The engine does not do both: divide by a column and begin another file when one is large.</summary>
    private static async Task<IReadOnlyList<StagedFile>> SplitAsync(
        SqlSession session, StagedFile file, IReadOnlyList<TableColumn> columns, ParquetOptions options, CancellationToken cancellationToken)
    {
        var folder = file.LocalPath + ".split";
        Directory.CreateDirectory(folder);
        var parts = await CopyAsync(
            session, $"SELECT * FROM read_parquet({SqlText.Files([file.LocalPath])}, hive_partitioning => false)", columns, folder, options with { Parameters = [] }, division: null, cancellationToken);
        File.Delete(file.LocalPath);
        return parts;
    }

    /// <param name="division">The column with a number for whose values files of their own are made, without it; null for none.</param>
    private static async Task<IReadOnlyList<StagedFile>> CopyAsync(
        SqlSession session, string rows, IReadOnlyList<TableColumn> columns, string folder, ParquetOptions options, string? division, CancellationToken cancellationToken)
    {
        var copy = string.Create(CultureInfo.InvariantCulture, $"""
            COPY ({rows})
            TO {SqlText.Literal(folder)} (
                FORMAT parquet, COMPRESSION zstd, RETURN_STATS true, OVERWRITE_OR_IGNORE true, FILENAME_PATTERN 'part-{"{i}"}',
                {(division is null ? $"FILE_SIZE_BYTES {options.FileBytes}" : $"PARTITION_BY ({division})")})
            """);
        var writers = session.Writers ?? throw new ArgumentException("The session only reads.", nameof(session));
        await writers.WaitAsync(cancellationToken);
        try
        {
            return await session.Disk.WatchAsync(
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
        }
        finally
        {
            writers.Release();
        }
    }

    /// <summary>Copies staged files under the table's folder, each under a name that no other call uses.</summary>
    /// <param name="prefix">Starts the files' names, so that people see where they come from: <c>[A-Za-z0-9._-]</c>.</param>
    public async Task<IReadOnlyList<DataFile>> UploadAsync(
        StagedFiles staged, TableName table, string prefix, CancellationToken cancellationToken)
    {
        if (!FileNamePrefix().IsMatch(prefix))
            throw new ArgumentException($"'{prefix}' cannot start a file's name.", nameof(prefix));

        var files = new DataFile[staged.Files.Count];
        await Parallel.ForAsync(
            0,
            files.Length,
            new ParallelOptions { MaxDegreeOfParallelism = ParallelUploads, CancellationToken = cancellationToken },
            async (i, token) => files[i] = await UploadAsync(staged.Files[i], table, prefix, token));
        return files;
    }

    private async Task<DataFile> UploadAsync(StagedFile file, TableName table, string prefix, CancellationToken cancellationToken)
    {
        var name = $"{prefix}-{Guid.NewGuid():N}.parquet";
        if (file.PartitionValues.Count > 0)
            name = $"{PartitionValues.FolderOf([.. file.PartitionValues.Select(pair => (pair.Key, pair.Value))])}/{name}";
        await using var source = new FileStream(
            file.LocalPath, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.Asynchronous);
        await using var target = await store.OpenWriteAsync(
            table.Root.Append(name), PutCondition.IfAbsent, ContentType, cancellationToken);
        await source.CopyToAsync(target, 1 << 20, cancellationToken);
        if (await target.CompleteAsync(cancellationToken) is null)
            throw new TransientException($"There is a file '{name}' in table '{table}' already.");
        return new DataFile(
            DataFiles.ToLogPath(name), file.Size, file.PartitionValues, clock.GetUtcNow().ToUnixTimeMilliseconds(), file.Statistics);
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
