using System.Text;
using DataPlatform.Lake;
using DataPlatform.Tables;
using DuckDB.NET.Data;

namespace DataPlatform.Sql;

/// <summary>
/// A connection to the engine with tables of its own. One query at a time. Queries run on worker threads and stop when their
/// token is cancelled. SQL that comes from outside goes through <see cref="SqlInspector"/> first.
/// </summary>
public sealed class SqlSession : IAsyncDisposable
{
    /// <summary>The schema of a pipeline step's new rows: <c>new.flights</c>.</summary>
    public const string NewSchema = "new";

    private readonly DuckDBConnection _connection;
    private readonly string? _name;
    private readonly FileCache _cache;
    private readonly List<IDisposable> _leases = [];
    private Action? _release;
    private readonly DescribedQueries? _described;
    private readonly StringBuilder _shape = new();
    private bool _isShapeKnown;
    private bool _started;

    internal SqlSession(DuckDBConnection connection, string name, FileCache cache, DescribedQueries described, Action release) =>
        (_connection, _name, _cache, _described, _release) = (connection, name, cache, described, release);

    /// <summary>A session without names, on a connection that is open and stays so.</summary>
    internal SqlSession(DuckDBConnection connection, FileCache cache, Action giveBack) =>
        (_connection, _cache, _release) = (connection, cache, giveBack);

    /// <summary>What the session's files may take of the local disk.</summary>
    internal TemporaryDisk Disk { get; set; } = new(long.MaxValue);

    /// <summary>The turns of the engine's sessions to write results (<see cref="PlatformOptions.SqlWriters"/>); null in sessions that only read.</summary>
    internal SemaphoreSlim? Writers { get; init; }

    /// <summary>Runs statements that give no rows.</summary>
    /// <exception cref="Failures.TerminalException"><c>SqlError</c>, <c>SqlOutOfMemory</c>.</exception>
    public Task ExecuteAsync(string sql, CancellationToken cancellationToken) => ExecuteAsync(sql, [], cancellationToken);

    /// <param name="parameters">Bound to <c>$1</c>, <c>$2</c> …, or by name (<see cref="SqlParameter"/>); null is NULL.</param>
    public async Task ExecuteAsync(string sql, IReadOnlyList<object?> parameters, CancellationToken cancellationToken)
    {
        // It may have made names of its own.
        _isShapeKnown = false;
        using var cursor = await QueryAsync(sql, parameters, cancellationToken);
    }

    /// <summary>Runs a query; rows are computed as they are read.</summary>
    public Task<SqlCursor> QueryAsync(string sql, IReadOnlyList<object?> parameters, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_release is null, this);
        return Task.Run(() => SqlCursor.Open(_connection, sql, parameters, cancellationToken), cancellationToken);
    }

    /// <summary>Runs a query and reads its rows on a worker thread.</summary>
    public async Task<IReadOnlyList<T>> ReadAsync<T>(
        string sql, IReadOnlyList<object?> parameters, Func<DuckDBDataReader, T> read, CancellationToken cancellationToken)
    {
        using var cursor = await QueryAsync(sql, parameters, cancellationToken);
        return await Task.Run(
            () =>
            {
                List<T> rows = [];
                while (cursor.Read())
                    rows.Add(read(cursor.Reader));
                return rows;
            },
            cancellationToken);
    }

    /// <summary>The columns a query gives, without running it.</summary>
    /// <returns>Names as written (they may repeat) and types as DuckDB names them.</returns>
    public Task<IReadOnlyList<(string Name, string Type)>> DescribeAsync(string select, CancellationToken cancellationToken) =>
        DescribeAsync(select, [], cancellationToken);

    /// <param name="parameters">Bound as in <see cref="QueryAsync"/>.</param>
    /// <inheritdoc cref="DescribeAsync(string, CancellationToken)"/>
    public Task<IReadOnlyList<(string Name, string Type)>> DescribeAsync(
        string select, IReadOnlyList<object?> parameters, CancellationToken cancellationToken) =>
        _described is null || !_isShapeKnown || parameters.Count > 0
            ? AskAsync(select, parameters, cancellationToken)
            : _described.GetAsync(_shape.ToString(), select, () => AskAsync(select, parameters, cancellationToken));

    private Task<IReadOnlyList<(string Name, string Type)>> AskAsync(string select, IReadOnlyList<object?> parameters, CancellationToken cancellationToken) =>
        ReadAsync($"DESCRIBE {select}", parameters, reader => (reader.GetString(0), reader.GetString(1)), cancellationToken);

    /// <summary>Makes a table, or part of its files, readable under a name; its files stay leased while the session is open.</summary>
    /// <param name="name">The view's name.</param>
    /// <param name="snapshot">The version to show.</param>
    /// <param name="options">What to show of it; null shows all but the system columns.</param>
    public async Task MountAsync(string name, Snapshot snapshot, MountOptions? options, CancellationToken cancellationToken)
    {
        options ??= new MountOptions();
        var local = await LeaseAsync(snapshot.Table, options.Files ?? snapshot.Files, cancellationToken);
        var view = (options.IsNew ? $"{NewSchema}." : "") + SqlText.Identifier(name);
        await ShowAsync(view, RelationOf(snapshot, options, local), snapshot.Columns, $"{options.SystemColumns} {options.Instants} {options.DeletedRows}", cancellationToken);
    }

    /// <summary>Makes the rows of a partition readable in place of their table.</summary>
    /// <param name="isNew">Puts the name into the schema <c>new</c>.</param>
    /// <param name="snapshot">The table version they are of.</param>
    public async Task MountAsync(string name, bool isNew, Snapshot snapshot, IReadOnlyList<PartitionFile> files, CancellationToken cancellationToken)
    {
        var local = await LeaseAsync([.. files.Select(file => (file.Location, file.Size))], cancellationToken);
        var view = (isNew ? $"{NewSchema}." : "") + SqlText.Identifier(name);
        IReadOnlyList<TableColumn> columns = [.. snapshot.Columns.Where(column => !column.Name.StartsWith('_'))];
        await ShowAsync(view, SqlText.Relation(columns, local, complete: true), columns, "partition", cancellationToken);
    }

    /// <param name="how">What else the types of the view's columns follow from.</param>
    private async Task ShowAsync(string view, string relation, IReadOnlyList<TableColumn> columns, string how, CancellationToken cancellationToken)
    {
        var isShapeKnown = _isShapeKnown;
        await ExecuteAsync($"CREATE OR REPLACE VIEW {view} AS {relation}", cancellationToken);
        _isShapeKnown = isShapeKnown;
        _shape.Append(view).Append(' ').Append(how).AppendJoin(',', columns.Select(column => $"{column.Name} {column.Type}")).Append(';');
    }

    /// <summary>A SELECT that shows a table, or part of its files.</summary>
    /// <param name="local">Where the files are, in their order.</param>
    internal static string RelationOf(Snapshot snapshot, MountOptions options, IReadOnlyList<string> local)
    {
        var files = options.Files ?? snapshot.Files;
        var columns = options.SystemColumns
            ? snapshot.Columns
            : snapshot.Columns.Where(column => !column.Name.StartsWith('_')).ToArray();

        // Files that the version no longer has may be from before its table was replaced with other types.
        var alike = options.Files is null || snapshot.Files is not LiveFiles live || options.Files.All(file => live.TryGet(file.Path) is not null);
        return !options.DeletedRows && snapshot.Columns.FirstOrDefault(column => column.Name == TableColumn.Deleted) is { } mark
            ? WithoutDeleted(columns, mark, files, local, options.Instants, alike)
            : PartitionedRelation.Of(columns, files, local, options.Instants, alike);
    }

    /// <summary>Most files of a table whose rows can be deleted have no column for that, and are read as fast as ever.</summary>
    private static string WithoutDeleted(
        IReadOnlyList<TableColumn> columns,
        TableColumn mark,
        IReadOnlyList<DataFile> files,
        IReadOnlyList<string> local,
        bool instants,
        bool alike)
    {
        var groups = files.Zip(local).ToLookup(pair => pair.First.Statistics is { } statistics && !statistics.NullCount.ContainsKey(mark.Name));
        var clean = Relation(columns, [.. groups[true]]);
        if (!groups[false].Any())
            return clean;

        IReadOnlyList<TableColumn> marked = columns.Contains(mark) ? columns : [.. columns, mark];
        var rest = Relation(marked, [.. groups[false]]);
        return $"{clean} UNION ALL SELECT {SqlText.Identifiers(columns.Select(column => column.Name))} FROM ({rest}) WHERE {SqlText.Identifier(mark.Name)} IS NOT TRUE";

        string Relation(IReadOnlyList<TableColumn> shown, IReadOnlyList<(DataFile File, string Local)> pairs) => PartitionedRelation.Of(
            shown, [.. pairs.Select(pair => pair.File)], [.. pairs.Select(pair => pair.Local)], instants, alike);
    }

    /// <summary>Whether the log tells that every file has every column.</summary>
    internal static bool HaveAll(IReadOnlyList<DataFile> files, IReadOnlyList<TableColumn> columns) =>
        files.All(file => columns.All(column => file.Statistics?.NullCount.ContainsKey(column.Name) == true));

    /// <summary>Local copies of table files, leased while the session is open, in the order given.</summary>
    public Task<IReadOnlyList<string>> LeaseAsync(TableName table, IReadOnlyList<DataFile> files, CancellationToken cancellationToken) =>
        LeaseAsync([.. files.Select(file => (DataFiles.Locate(table, file), file.Size))], cancellationToken);

    /// <summary>Keeps something until the session is closed.</summary>
    internal void Keep(IDisposable lease) => _leases.Add(lease);

    private async Task<IReadOnlyList<string>> LeaseAsync(IReadOnlyList<(LakePath Path, long Size)> files, CancellationToken cancellationToken)
    {
        Disk.Take(files.Where(file => _cache.IsCopied(file.Path)).Sum(file => file.Size));
        var leases = await _cache.LeaseAsync(files, cancellationToken);
        _leases.AddRange(leases);
        return [.. leases.Select(lease => lease.Path)];
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _release, null) is not { } release)
            return;

        try
        {
            if (_name is null)
                return;
            await Task.Run(() =>
            {
                if (_started)
                {
                    using var command = _connection.CreateCommand();
                    command.CommandText = $"USE memory; DETACH {_name}";
                    command.ExecuteNonQuery();
                }

                _connection.Dispose();
            });
        }
        finally
        {
            foreach (var lease in _leases)
                lease.Dispose();
            release();
        }
    }

    internal async Task StartAsync(CancellationToken cancellationToken)
    {
        await Task.Run(_connection.Open, cancellationToken);
        await ExecuteAsync($"ATTACH ':memory:' AS {_name}", cancellationToken);
        _started = true;
        await ExecuteAsync($"USE {_name}", cancellationToken);
        await ExecuteAsync($"CREATE SCHEMA {NewSchema}", cancellationToken);
        _isShapeKnown = true;
    }
}
