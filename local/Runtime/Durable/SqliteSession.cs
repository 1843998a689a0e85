using System.Buffers;
using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace DataPlatform.Local.Runtime.Durable;

/// <summary>
/// A connection with its prepared statements. Not for two threads at once. It speaks to SQLite without the ADO.NET driver, whose
/// work for each statement would be half of the engine's processor time.
/// </summary>
internal sealed class SqliteSession : IDisposable
{
    private readonly Dictionary<string, sqlite3_stmt> _statements = new(StringComparer.Ordinal);
    private readonly sqlite3 _db;

    static SqliteSession() => Batteries_V2.Init();

    public SqliteSession(string path)
    {
        int code = raw.sqlite3_open_v2(
            path, out _db, raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE | raw.SQLITE_OPEN_NOMUTEX, null);
        try
        {
            if (code != raw.SQLITE_OK) throw Failure(code, $"open {path}");
            // SQLite's own wait backs off finely.
            Execute("PRAGMA busy_timeout = 15000");
            Execute("PRAGMA synchronous = FULL");
            Execute("PRAGMA cache_size = -16000");
        }
        catch
        {
            _db.Dispose();
            throw;
        }
    }

    /// <param name="arguments">Values of ?1, ?2, …: text, whole numbers, bytes or null.</param>
    /// <returns>Rows changed.</returns>
    public int Execute(string sql, params ReadOnlySpan<object?> arguments)
    {
        sqlite3_stmt statement = Prepare(sql, arguments);
        try
        {
            while (Step(statement, sql))
            {
                // Pragmas answer with rows.
            }

            return raw.sqlite3_changes(_db);
        }
        finally
        {
            raw.sqlite3_reset(statement);
        }
    }

    /// <summary>Begins to write.</summary>
    /// <returns>False while another connection writes.</returns>
    public bool TryBegin()
    {
        const string sql = "BEGIN IMMEDIATE";
        sqlite3_stmt statement = Prepare(sql, []);
        int code = raw.sqlite3_step(statement);
        raw.sqlite3_reset(statement);
        return code == raw.SQLITE_DONE || (code == raw.SQLITE_BUSY ? false : throw Failure(code, sql));
    }

    public List<T> Query<T>(string sql, Func<SqliteRow, T> map, params ReadOnlySpan<object?> arguments)
    {
        sqlite3_stmt statement = Prepare(sql, arguments);
        List<T> rows = [];
        try
        {
            while (Step(statement, sql)) rows.Add(map(new SqliteRow(this, statement)));
        }
        finally
        {
            raw.sqlite3_reset(statement);
        }

        return rows;
    }

    /// <returns>A whole number, a text or bytes; null without a row and for NULL.</returns>
    public object? Scalar(string sql, params ReadOnlySpan<object?> arguments)
    {
        sqlite3_stmt statement = Prepare(sql, arguments);
        try
        {
            return Step(statement, sql) ? new SqliteRow(this, statement).Value(0) : null;
        }
        finally
        {
            raw.sqlite3_reset(statement);
        }
    }

    public void Dispose()
    {
        foreach (sqlite3_stmt statement in _statements.Values) statement.Dispose();
        _db.Dispose();
    }

    private sqlite3_stmt Prepare(string sql, ReadOnlySpan<object?> arguments)
    {
        if (!_statements.TryGetValue(sql, out sqlite3_stmt? statement))
        {
            int code = raw.sqlite3_prepare_v3(_db, sql, raw.SQLITE_PREPARE_PERSISTENT, out statement);
            if (code != raw.SQLITE_OK) throw Failure(code, sql);
            _statements.Add(sql, statement);
        }

        for (int i = 0; i < arguments.Length; i++) Bind(statement, i + 1, arguments[i]);
        return statement;
    }

    private static void Bind(sqlite3_stmt statement, int index, object? value)
    {
        switch (value)
        {
            case null:
                raw.sqlite3_bind_null(statement, index);
                break;
            case string { Length: 0 }:
                raw.sqlite3_bind_text(statement, index, string.Empty);
                break;
            case string text:
                BindText(statement, index, text);
                break;
            case int number:
                raw.sqlite3_bind_int64(statement, index, number);
                break;
            case long number:
                raw.sqlite3_bind_int64(statement, index, number);
                break;
            case byte[] bytes:
                raw.sqlite3_bind_blob(statement, index, bytes);
                break;
            default:
                throw new ArgumentException($"A {value.GetType()} can't be stored.", nameof(value));
        }
    }

    private static void BindText(sqlite3_stmt statement, int index, string text)
    {
        int most = Encoding.UTF8.GetMaxByteCount(text.Length);
        if (most <= 1024)
        {
            Span<byte> small = stackalloc byte[most];
            raw.sqlite3_bind_text(statement, index, small[..Encoding.UTF8.GetBytes(text, small)]);
            return;
        }

        byte[] rented = ArrayPool<byte>.Shared.Rent(most);
        raw.sqlite3_bind_text(statement, index, rented.AsSpan(0, Encoding.UTF8.GetBytes(text, rented)));
        ArrayPool<byte>.Shared.Return(rented);
    }

    private bool Step(sqlite3_stmt statement, string sql) => raw.sqlite3_step(statement) switch
    {
        raw.SQLITE_ROW => true,
        raw.SQLITE_DONE => false,
        int code => throw Failure(code, sql),
    };

    private SqliteException Failure(int code, string what) =>
        new($"SQLite: {raw.sqlite3_errmsg(_db).utf8_to_string()} ({what})", code, raw.sqlite3_extended_errcode(_db));
}
