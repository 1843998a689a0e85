using System.Runtime.CompilerServices;
using DataPlatform.Failures;
using Microsoft.Data.Sqlite;

namespace DataPlatform.Lake;

/// <summary>
/// Rows in one SQLite file (write-ahead log, every commit synced), shared by any number of processes on one machine. Writers of this
/// process take turns at a gate; those of other processes wait for the file's lock.
/// </summary>
public sealed class SqliteRowStore : IRowStore, IDisposable
{
    private const int PageRows = 256;
    private const int PageBytes = 4 << 20;

    private const string Schema = """
        CREATE TABLE IF NOT EXISTS rows (
            tab TEXT NOT NULL, partition TEXT NOT NULL, id TEXT NOT NULL, etag TEXT NOT NULL, value BLOB NOT NULL,
            PRIMARY KEY (tab, partition, id))
        """;

    private readonly SqliteConnections _connections;
    private readonly SemaphoreSlim _writers = new(1);

    /// <param name="file">Created when it is missing, with its folder.</param>
    /// <exception cref="TerminalException"><c>StorageNotUsable</c>: the file cannot be created or is no database.</exception>
    public SqliteRowStore(string file)
    {
        _connections = new SqliteConnections(file);
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
            Run(static connection => Execute(connection, Schema));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or TerminalException)
        {
            _connections.Dispose();
            throw new TerminalException(
                FailureKind.Internal,
                "StorageNotUsable",
                $"The row store '{file}' cannot be opened: give DataPlatform:Storage a folder that this process may write.",
                "DataPlatform:Storage",
                innerException: exception);
        }
    }

    public Task<Row?> GetAsync(string table, RowKey key, CancellationToken cancellationToken)
    {
        RowLimits.CheckTable(table);
        RowLimits.CheckKey(key);
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(Run(connection =>
        {
            using var command = Command(
                connection, "SELECT etag, value FROM rows WHERE tab = $tab AND partition = $partition AND id = $id", table, key);
            using var reader = command.ExecuteReader();
            return reader.Read() ? new Row(key, reader.GetString(0), reader.GetFieldValue<byte[]>(1)) : null;
        }));
    }

    public Task<Row?> TryInsertAsync(string table, RowKey key, ReadOnlyMemory<byte> value, CancellationToken cancellationToken) =>
        WriteAsync(table, new RowOperation(RowOperationKind.Insert, key, value), cancellationToken);

    public Task<Row?> TryReplaceAsync(
        string table, RowKey key, ReadOnlyMemory<byte> value, string etag, CancellationToken cancellationToken) =>
        WriteAsync(table, new RowOperation(RowOperationKind.Replace, key, value, etag), cancellationToken);

    public async Task<Row> UpsertAsync(string table, RowKey key, ReadOnlyMemory<byte> value, CancellationToken cancellationToken) =>
        (await WriteAsync(table, new RowOperation(RowOperationKind.Upsert, key, value), cancellationToken))!;

    public async Task<bool> TryDeleteAsync(string table, RowKey key, string? etag, CancellationToken cancellationToken) =>
        await WriteAsync(table, new RowOperation(RowOperationKind.Delete, key, ETag: etag), cancellationToken) is not null;

    public async Task<bool> TryBatchAsync(string table, IReadOnlyList<RowOperation> operations, CancellationToken cancellationToken)
    {
        RowLimits.CheckTable(table);
        RowLimits.CheckBatch(operations);
        await _writers.WaitAsync(cancellationToken);
        try
        {
            return Run(connection =>
            {
                // Immediate: a read lock that must grow into a write lock fails at once when another process writes.
                using var transaction = connection.BeginTransaction(deferred: false);
                foreach (var operation in operations)
                {
                    if (!Apply(connection, transaction, table, operation, NewETag()))
                        return false;
                }

                transaction.Commit();
                return true;
            });
        }
        finally
        {
            _writers.Release();
        }
    }

    public async IAsyncEnumerable<Row> QueryAsync(
        string table, string partition, string? after, string? upTo, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        RowLimits.CheckTable(table);
        RowLimits.CheckKeyPart(partition, "partition");
        await Task.CompletedTask;

        // Page by page: a reader kept open while the caller works would hold the write-ahead log back.
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (page, more) = Run(connection => ReadPage(connection, table, partition, after, upTo));
            foreach (var row in page)
                yield return row;
            if (!more)
                yield break;
            after = page[^1].Key.Id;
        }
    }

    public void Dispose()
    {
        _connections.Dispose();
        _writers.Dispose();
    }

    private static (List<Row> Page, bool More) ReadPage(
        SqliteConnection connection, string table, string partition, string? after, string? upTo)
    {
        using var command = connection.CreateCommand();
        command.CommandText = """
            SELECT id, etag, value FROM rows
            WHERE tab = $tab AND partition = $partition AND id > $after AND ($upTo IS NULL OR id <= $upTo)
            ORDER BY id
            """;
        command.Parameters.AddWithValue("$tab", table);
        command.Parameters.AddWithValue("$partition", partition);
        command.Parameters.AddWithValue("$after", after ?? "");
        command.Parameters.AddWithValue("$upTo", upTo ?? (object)DBNull.Value);

        var page = new List<Row>();
        var bytes = 0;
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            var value = reader.GetFieldValue<byte[]>(2);
            page.Add(new Row(new RowKey(partition, reader.GetString(0)), reader.GetString(1), value));
            bytes += value.Length;
            if (page.Count == PageRows || bytes >= PageBytes)
                return (page, true);
        }

        return (page, false);
    }

    private static bool Apply(SqliteConnection connection, SqliteTransaction? transaction, string table, RowOperation operation, string etag)
    {
        const string Match = "WHERE tab = $tab AND partition = $partition AND id = $id AND ($expected IS NULL OR etag = $expected)";
        const string Insert = "INSERT INTO rows (tab, partition, id, etag, value) VALUES ($tab, $partition, $id, $etag, $value)";
        var text = operation.Kind switch
        {
            RowOperationKind.Insert => Insert + " ON CONFLICT DO NOTHING",
            RowOperationKind.Replace => "UPDATE rows SET etag = $etag, value = $value " + Match,
            RowOperationKind.Upsert => Insert + " ON CONFLICT DO UPDATE SET etag = excluded.etag, value = excluded.value",
            RowOperationKind.Delete => "DELETE FROM rows " + Match,
            _ => throw new ArgumentOutOfRangeException(nameof(operation)),
        };
        using var command = Command(connection, text, table, operation.Key);
        command.Transaction = transaction;
        command.Parameters.AddWithValue("$expected", operation.ETag ?? (object)DBNull.Value);
        command.Parameters.AddWithValue("$etag", etag);
        command.Parameters.Add("$value", SqliteType.Blob).Value = operation.Value.ToArray();
        return command.ExecuteNonQuery() == 1;
    }

    private static SqliteCommand Command(SqliteConnection connection, string text, string table, RowKey key)
    {
        var command = connection.CreateCommand();
        command.CommandText = text;
        command.Parameters.AddWithValue("$tab", table);
        command.Parameters.AddWithValue("$partition", key.Partition);
        command.Parameters.AddWithValue("$id", key.Id);
        return command;
    }

    private static int Execute(SqliteConnection connection, string text)
    {
        using var command = connection.CreateCommand();
        command.CommandText = text;
        return command.ExecuteNonQuery();
    }

    private static string NewETag() => Guid.NewGuid().ToString("n");

    private async Task<Row?> WriteAsync(string table, RowOperation operation, CancellationToken cancellationToken)
    {
        RowLimits.CheckTable(table);
        RowLimits.CheckKey(operation.Key);
        RowLimits.CheckValue(operation.Key, operation.Value);
        var etag = NewETag();
        await _writers.WaitAsync(cancellationToken);
        try
        {
            return Run(connection => Apply(connection, transaction: null, table, operation, etag))
                ? new Row(operation.Key, etag, operation.Value)
                : null;
        }
        finally
        {
            _writers.Release();
        }
    }

    private T Run<T>(Func<SqliteConnection, T> work)
    {
        try
        {
            var connection = _connections.Rent();
            T result;
            try
            {
                result = work(connection);
            }
            catch
            {
                connection.Dispose();
                throw;
            }

            _connections.Return(connection);
            return result;
        }
        catch (SqliteException exception)
        {
            throw Failure(exception);
        }
    }

    private static Exception Failure(SqliteException exception) => exception.SqliteErrorCode switch
    {
        SQLitePCL.raw.SQLITE_BUSY or SQLitePCL.raw.SQLITE_LOCKED =>
            new TransientException("Other processes kept the row store busy.", exception),
        SQLitePCL.raw.SQLITE_FULL => new TransientException("The row store has no disk space left: free some.", exception)
        {
            RetryAfter = TimeSpan.FromSeconds(30),
        },
        SQLitePCL.raw.SQLITE_IOERR or SQLitePCL.raw.SQLITE_CANTOPEN or SQLitePCL.raw.SQLITE_PROTOCOL or SQLitePCL.raw.SQLITE_NOMEM =>
            new TransientException("The row store's file failed.", exception),
        _ => new TerminalException(
            FailureKind.Internal,
            "StorageNotUsable",
            $"The row store's file is not usable (SQLite error {exception.SqliteExtendedErrorCode}): it is read-only, damaged or not a database.",
            innerException: exception),
    };
}
